import type { LayersModel, SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs-layers';

/** What a layer of a model gives. */
export interface LayerTensor {
  readonly layer: tfLayers.Layer;
  readonly tensor: SymbolicTensor;
}

/** What the layers of a model give, inputs first, each behind what it is made of; a model inside counts as one layer. */
export function tensorsOf(model: LayersModel): LayerTensor[] {
  const found = new Map<SymbolicTensor, LayerTensor>();
  const visit = (tensor: SymbolicTensor): void => {
    if (found.has(tensor)) return;
    const layer = tensor.sourceLayer;
    // An input is made of itself.
    const before = model.inputs.includes(tensor) ? [] : layer.inboundNodes[tensor.nodeIndex]!.inputTensors;
    before.forEach(visit);
    found.set(tensor, { layer, tensor });
  };
  for (const output of model.outputs) visit(output);
  return [...found.values()];
}
