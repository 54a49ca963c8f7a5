import { LayersModel, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { Block } from './block.js';

/** The layers of a model that are made of no others, in order; blocks and models inside are opened. */
export function leavesOf(model: LayersModel): tfLayers.Layer[] {
  return model.layers.flatMap(leavesOfLayer);
}

function leavesOfLayer(layer: tfLayers.Layer): readonly tfLayers.Layer[] {
  if (layer instanceof Block) return layer.parts.flatMap(leavesOfLayer);
  return layer instanceof LayersModel ? leavesOf(layer) : [layer];
}
