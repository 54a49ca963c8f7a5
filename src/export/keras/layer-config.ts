/** One operation as layers of Keras 3's own, in the form of its configs. */
import { ArgumentError, type Pads } from '../../geometry.js';
import { evenBins } from '../bins.js';
import { coveredPads, type GraphNode, isSame, noPads, type OperationOf, type Size, type Value, type Window } from '../graph.js';

/** A layer of Keras and its options; `shape` is what it gives. */
export interface LayerConfig {
  readonly className: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
}

/** Activations that Keras has under that name. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  hardSigmoid: 'hard_sigmoid',
  hardSwish: 'hard_silu',
  gelu: 'gelu',
  silu: 'silu',
  mish: 'mish',
  softmax: 'softmax',
  logSoftmax: 'log_softmax',
};
/** Activations that give nothing below 0: zeros around their outputs never win a maximum that minus infinity would not. */
const NOT_NEGATIVE = ['relu', 'relu6', 'sigmoid', 'softplus', 'softmax', 'hardSigmoid'];

/**
 * The layers that do what a node does, one after the other; the last one has the node's weights.
 * @throws ArgumentError naming the layer that Keras has no counterpart of
 */
export function layerConfigs(node: GraphNode): LayerConfig[] {
  const { operation, inputs, output } = node;
  const input = (inputs[0] as Value).shape;
  const { shape } = output;
  const only = (className: string, options: Readonly<Record<string, unknown>> = {}): LayerConfig[] => [
    { className, options, shape },
  ];
  switch (operation.kind) {
    case 'conv':
      return convolution(node, 'Conv2D', operation, { filters: shape[2], groups: operation.groups });
    case 'depthwise':
      return convolution(node, 'DepthwiseConv2D', operation, { depth_multiplier: operation.multiplier });
    case 'convTranspose':
      return only('Conv2DTranspose', transposedOptions(node, operation));
    case 'dense':
      return only('Dense', { units: shape[0], use_bias: operation.bias });
    case 'batchNorm': {
      const { momentum, epsilon, gamma, beta } = operation;
      return only('BatchNormalization', { momentum, epsilon, scale: gamma, center: beta });
    }
    case 'activation': {
      const { name, alpha } = operation;
      if (name === 'leakyRelu') return only('LeakyReLU', { negative_slope: alpha });
      if (name === 'elu') return only('ELU', { alpha });
      return only('Activation', { activation: ACTIVATIONS[name] ?? refuse(node, `activation '${name}'`) });
    }
    case 'maxPool':
      return maxPool(node, operation.window);
    case 'avgPool':
      return averagePool(node, operation);
    case 'adaptiveAvgPool':
    case 'adaptiveMaxPool': {
      const size = evenBins(input, shape) ?? refuse(node, 'adaptive pooling of uneven bins');
      return only(operation.kind === 'adaptiveAvgPool' ? 'AveragePooling2D' : 'MaxPooling2D', { pool_size: size, strides: size });
    }
    case 'globalAvgPool':
      return only('GlobalAveragePooling2D', { keepdims: operation.keep });
    case 'globalMaxPool':
      return only('GlobalMaxPooling2D', { keepdims: operation.keep });
    case 'dropout':
      return only('Dropout', { rate: operation.rate });
    case 'add':
      return only('Add');
    case 'concat':
      return only('Concatenate', { axis: -1 });
    case 'flatten':
      return only('Flatten');
    case 'reshape':
      return only('Reshape', { target_shape: shape });
    case 'upsample':
      if (operation.alignCorners) refuse(node, 'upsampling with aligned corners');
      return only('UpSampling2D', { size: operation.scale, interpolation: operation.mode });
    case 'zeroPad':
      return only('ZeroPadding2D', { padding: sides(operation.pads) });
    case 'subsample':
      return only('MaxPooling2D', { pool_size: [1, 1], strides: operation.strides });
    case 'padChannels': {
      // Keras pads height and width: channels take the place of the width for it.
      const [height, width, channels] = input as [number, number, number];
      const turn = { className: 'Permute', options: { dims: [1, 3, 2] } };
      const padding = [
        [0, 0],
        [operation.before, operation.after],
      ];
      return [
        { ...turn, shape: [height, channels, width] },
        { className: 'ZeroPadding2D', options: { padding }, shape: [height, shape[2] as number, width] },
        { ...turn, shape },
      ];
    }
    default:
      return refuse(node, operation.kind);
  }
}

function refuse({ layer }: GraphNode, what: string): never {
  throw new ArgumentError(
    `kerasConfig: layer '${layer}' must have a counterpart among Keras's own layers, got ${what}; exportModel brings one along`,
  );
}

const sides = ({ top, bottom, left, right }: Readonly<Pads>): number[][] => [
  [top, bottom],
  [left, right],
];
const clipped = ({ top, bottom, left, right }: Readonly<Pads>): Pads => ({
  top,
  left,
  bottom: Math.max(0, bottom),
  right: Math.max(0, right),
});

/** A layer, and zeros around what it is given where there are any. */
function padded({ inputs }: GraphNode, pads: Readonly<Pads>, config: LayerConfig): LayerConfig[] {
  if (noPads(pads)) return [config];
  const [height, width, channels] = (inputs[0] as Value).shape as [number, number, number];
  const shape = [height + pads.top + pads.bottom, width + pads.left + pads.right, channels];
  return [{ className: 'ZeroPadding2D', options: { padding: sides(pads) }, shape }, config];
}

function convolution(
  node: GraphNode,
  className: string,
  { window, bias }: OperationOf<'conv' | 'depthwise'>,
  more: Readonly<Record<string, unknown>>,
): LayerConfig[] {
  const { size, strides, dilations, pads } = window;
  if (dilations.some((d) => d > 1) && strides.some((s) => s > 1)) refuse(node, 'dilation with strides');
  if (className === 'DepthwiseConv2D' && strides[0] !== strides[1]) refuse(node, `strides [${strides}]`);
  const same = !noPads(pads) && isSame(window, (node.inputs[0] as Value).shape);
  const options = {
    ...more,
    kernel_size: size,
    strides,
    padding: same ? 'same' : 'valid',
    dilation_rate: dilations,
    use_bias: bias,
  };
  const config = { className, options, shape: node.output.shape };
  return same ? [config] : padded(node, pads, config);
}

function transposedOptions(node: GraphNode, { window, groups, bias }: OperationOf<'convTranspose'>): Record<string, unknown> {
  const { size, strides, dilations, pads } = window;
  const input = (node.inputs[0] as Value).shape;
  const output = node.output.shape;
  const axes = [0, 1] as const;
  if (groups > 1 || dilations.some((d) => d > 1)) refuse(node, 'a transposed convolution with groups or dilation');
  const valid = noPads(pads) && axes.every((axis) => output[axis] === ((input[axis] as number) - 1) * strides[axis] + size[axis]);
  const same = isSame(window, output) && axes.every((axis) => output[axis] === (input[axis] as number) * strides[axis]);
  if (!(valid || same) || axes.some((axis) => size[axis] < strides[axis]))
    refuse(node, 'a transposed convolution with such padding');
  return { filters: output[2], kernel_size: size, strides, padding: valid ? 'valid' : 'same', use_bias: bias };
}

function maxPool(node: GraphNode, window: Window): LayerConfig[] {
  const { size, strides, dilations } = window;
  if (dilations.some((d) => d > 1)) refuse(node, 'max pooling with dilation');
  const value = node.inputs[0] as Value;
  const pads = clipped(coveredPads(window, value.shape, node.output.shape));
  const same = !noPads(pads) && isSame({ ...window, pads }, value.shape);
  const config = pool('MaxPooling2D', node, size, strides, same);
  if (same || noPads(pads)) return [config];
  // Keras pads with zeros only.
  if (!isNotNegative(value)) refuse(node, 'max pooling with padding of what may be negative');
  return padded(node, pads, config);
}

function averagePool(node: GraphNode, { window, countPads }: OperationOf<'avgPool'>): LayerConfig[] {
  const { size, strides } = window;
  const { shape } = node.inputs[0] as Value;
  const pads = clipped(coveredPads(window, shape, node.output.shape));
  const same = !noPads(pads) && !countPads && isSame({ ...window, pads }, shape);
  const config = pool('AveragePooling2D', node, size, strides, same);
  if (same || noPads(pads)) return [config];
  const beyond = pads.bottom > window.pads.bottom || pads.right > window.pads.right;
  if (!countPads || beyond) refuse(node, 'average pooling with padding that is not counted');
  return padded(node, pads, config);
}

function pool(className: string, { output }: GraphNode, size: Size, strides: Size, same: boolean): LayerConfig {
  return { className, options: { pool_size: size, strides, padding: same ? 'same' : 'valid' }, shape: output.shape };
}

/** Whether a value comes from an activation that gives 0 or more, also through pools and side by side. */
function isNotNegative({ node }: Value): boolean {
  if (!node) return false;
  const { operation, inputs } = node;
  if (operation.kind === 'activation') return NOT_NEGATIVE.includes(operation.name);
  return ['maxPool', 'avgPool', 'concat', 'add', 'dropout'].includes(operation.kind) && inputs.every(isNotNegative);
}
