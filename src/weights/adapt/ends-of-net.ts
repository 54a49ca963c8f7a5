/** Where a net meets its pictures and where its classes. */
import type { LayersModel, SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { leavesOf } from '../../layers/leaves.js';

/** The layers with weights that give the outputs: what must change for other classes. */
export function headLayers(model: LayersModel): tfLayers.Layer[] {
  const leaves = leavesOf(model);
  return (model.outputs as SymbolicTensor[]).flatMap((output) => {
    let layer: tfLayers.Layer | undefined = output.sourceLayer;
    while (layer && layer.weights.length === 0) layer = layer.inboundNodes[0]?.inboundLayers[0];
    const weights = new Set(layer?.weights.map(({ id }) => id));
    const last = leaves.filter((leaf) => leaf.weights.some(({ id }) => weights.has(id))).at(-1);
    return last ? [last] : [];
  });
}

/** The first convolution. */
export function firstConvolution(model: LayersModel): tfLayers.Layer | undefined {
  const first = leavesOf(model).find((layer) => layer.weights.length > 0);
  return first && first.weights[0]!.shape.length === 4 ? first : undefined;
}
