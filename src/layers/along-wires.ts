import { LayersModel, type SymbolicTensor, type layers as tfLayers } from '@tensorflow/tfjs-layers';

/** What goes through a layer, input by input and output by output. */
export type ThroughLayer<T> = (layer: tfLayers.Layer, inputs: T[]) => T[];

/** Sends something through a model along its wiring, layer by layer; models inside are opened, blocks are layers. */
export function alongWires<T extends object>(model: LayersModel, inputs: readonly T[], through: ThroughLayer<T>): T[] {
  const known = new Map<SymbolicTensor, T>(model.inputs.map((tensor, i) => [tensor, inputs[i]!]));
  const at = (tensor: SymbolicTensor): T => {
    const value = known.get(tensor);
    if (value) return value;
    const { sourceLayer } = tensor;
    const { inputTensors, outputTensors } = sourceLayer.inboundNodes[tensor.nodeIndex]!;
    const before = inputTensors.map(at);
    const outputs = sourceLayer instanceof LayersModel ? alongWires(sourceLayer, before, through) : through(sourceLayer, before);
    outputTensors.forEach((output, i) => {
      known.set(output, outputs[i]!);
    });
    return known.get(tensor)!;
  };
  return model.outputs.map(at);
}
