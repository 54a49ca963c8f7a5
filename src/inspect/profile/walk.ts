import { LayersModel, type layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Block } from '../../layers/block.js';

/** What goes through a layer that is made of no others, input by input and output by output. */
export type Leaf<T> = (layer: layers.Layer, inputs: T[]) => T[];

/** Sends something through a model along its wiring; blocks and models inside are opened. */
export function walk<T extends object>(model: LayersModel, inputs: readonly T[], leaf: Leaf<T>): T[] {
  const known = new Map<SymbolicTensor, T>(model.inputs.map((tensor, i) => [tensor, inputs[i]!]));
  const at = (tensor: SymbolicTensor): T => {
    const value = known.get(tensor);
    if (value) return value;
    const { inputTensors, outputTensors } = tensor.sourceLayer.inboundNodes[tensor.nodeIndex]!;
    const outputs = through(tensor.sourceLayer, inputTensors.map(at), leaf);
    outputTensors.forEach((output, i) => {
      known.set(output, outputs[i]!);
    });
    return known.get(tensor)!;
  };
  return model.outputs.map(at);
}

function through<T extends object>(layer: layers.Layer, inputs: T[], leaf: Leaf<T>): T[] {
  if (layer instanceof LayersModel) return walk(layer, inputs, leaf);
  if (!(layer instanceof Block)) return leaf(layer, inputs);
  return [layer.wire<T>(inputs, (part, input) => through(part, Array.isArray(input) ? input : [input], leaf)[0]!)];
}
