import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { alongWires, type ThroughLayer } from '../../layers/along-wires.js';
import { Block } from '../../layers/block.js';

/** Sends something through a model along its wiring, to layers that are made of no others: blocks and models inside are opened. */
export function walk<T extends object>(model: LayersModel, inputs: readonly T[], leaf: ThroughLayer<T>): T[] {
  return alongWires(model, inputs, (layer, before) => opened(layer, before, leaf));
}

function opened<T extends object>(layer: layers.Layer, inputs: T[], leaf: ThroughLayer<T>): T[] {
  if (!(layer instanceof Block)) return leaf(layer, inputs);
  return [layer.wire<T>(inputs, (part, input) => opened(part, Array.isArray(input) ? input : [input], leaf)[0]!)];
}
