/** A model's weights one by one, under the names and in the layout of a framework. */
import type { LayersModel, LayerVariable, Shape, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { leavesOf } from '../layers/leaves.js';
import { type Framework, type Layout, layoutOf } from './layouts.js';

/** One weight of a model. */
export interface Entry {
  /** The framework's: a state_dict's key, or Keras's path. */
  readonly name: string;
  /** Ours. */
  readonly variable: LayerVariable;
  readonly layout: Layout;
}

/** What PyTorch calls what Keras calls otherwise. */
const TORCH_ROLES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  depthwise_kernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

const KERAS_ROLES: Readonly<Record<string, string>> = { depthwise_kernel: 'kernel' };

/** Every weight, in the order of the layers. */
export function entriesOf(model: LayersModel, framework: Framework): Entry[] {
  return leavesOf(model).flatMap((layer) => layer.weights.map((variable) => entryOf(layer, variable, framework)));
}

function entryOf(layer: tfLayers.Layer, variable: LayerVariable, framework: Framework): Entry {
  const role = variable.originalName.split('/').at(-1)!;
  const torch = framework === 'torch';
  const name = torch ? `${layer.name}.${TORCH_ROLES[role] ?? role}` : `${layer.name}/${KERAS_ROLES[role] ?? role}`;
  const shape = variable.shape as number[];
  const map = shape.length === 2 ? flattenedBefore(layer) : undefined;
  return { name, variable, layout: layoutOf(framework, layer.getClassName(), role, shape, map) };
}

/** [height, width, channels] of the feature maps that a layer's input was flattened from, if it was. */
function flattenedBefore(layer: tfLayers.Layer): number[] | undefined {
  const node = layer.inboundNodes[0];
  const before = node?.inboundLayers[0];
  if (!node || !before || node.inboundLayers.length !== 1) return undefined;
  if (before.getClassName().endsWith('Flatten')) {
    const [, ...map] = before.inboundNodes[0]!.inputShapes[0] as Shape;
    return map.length === 3 && !map.includes(null) ? (map as number[]) : undefined;
  }
  // Dropout and activations leave what they are given at its place.
  const same = String(node.inputShapes[0]) === String(before.inboundNodes[0]?.inputShapes[0]);
  return same && before.weights.length === 0 ? flattenedBefore(before) : undefined;
}
