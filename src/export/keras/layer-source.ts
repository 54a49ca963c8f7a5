/** One operation as Keras 3 has it, channels last. */
import type { Pads } from '../../geometry.js';
import { evenBins } from '../bins.js';
import { coveredPads, type GraphNode, isSame, noPads, type OperationOf } from '../graph.js';
import { argumentsOf, literal, pairOf, tuple } from '../python.js';
import { activationSource } from './activation-source.js';
import type { Snippet } from './snippets.js';

/** Source of a node. */
export interface LayerSource {
  /** Class and options of the layer, to which its name is added; absent where a function does it. */
  readonly layer?: readonly [name: string, options: string];
  /** Of the inputs' names, and of the layer where there is one. */
  readonly run: (inputs: readonly string[], layer: string) => string;
  /** What must be brought along. */
  readonly needs?: readonly Snippet[];
}

const layerOf = (name: string, options: string, ...needs: Snippet[]): LayerSource => ({
  layer: [name, options],
  run: ([x], layer) => `${layer}(${x})`,
  needs,
});
const functionOf = (source: (x: string) => string, ...needs: Snippet[]): LayerSource => ({ run: ([x]) => source(x!), needs });
/** Rows and columns before and after. */
const sides = ({ top, bottom, left, right }: Readonly<Pads>): string => `((${top}, ${bottom}), (${left}, ${right}))`;
const clipped = ({ top, bottom, left, right }: Readonly<Pads>): Pads => ({
  top,
  left,
  bottom: Math.max(0, bottom),
  right: Math.max(0, right),
});

/** What Keras calls an operation. */
export function layerSource({ operation, inputs, output }: GraphNode): LayerSource {
  const [input] = inputs.map(({ shape }) => shape) as [readonly number[]];
  switch (operation.kind) {
    case 'conv': {
      const groups = operation.groups > 1 && String(operation.groups);
      return convolution('Conv2D', [String(output.shape[2])], operation, { groups }, input, output.shape);
    }
    case 'depthwise': {
      const depth_multiplier = operation.multiplier > 1 && String(operation.multiplier);
      return convolution('DepthwiseConv2D', [], operation, { depth_multiplier }, input, output.shape);
    }
    case 'convTranspose':
      return transposedConvolution(operation, input, output.shape);
    case 'tableConv': {
      const { window, connections, bias } = operation;
      const rest = { strides: tuple(window.strides), use_bias: !bias && 'False' };
      const options = argumentsOf([literal(connections), tuple(window.size)], rest);
      return padded(window.pads, layerOf('TableConv2D', options, 'TableConv2D'));
    }
    case 'subsampling':
      return layerOf('Subsampling2D', tuple(operation.window.size), 'Subsampling2D');
    case 'dense':
      return layerOf('layers.Dense', argumentsOf([String(output.shape[0])], { use_bias: !operation.bias && 'False' }));
    case 'rbf':
      return layerOf('RbfOutput', literal(operation.codes), 'RbfOutput');
    case 'batchNorm': {
      const { epsilon, momentum, gamma, beta, unbiased } = operation;
      const name = unbiased ? 'UnbiasedBatchNormalization' : 'layers.BatchNormalization';
      const rest = { center: !beta && 'False', scale: !gamma && 'False' };
      const options = argumentsOf([], { momentum: String(momentum), epsilon: String(epsilon), ...rest });
      return layerOf(name, options, ...(unbiased ? [name as 'UnbiasedBatchNormalization'] : []));
    }
    case 'activation':
      return activationSource(operation);
    case 'maxPool':
      return maxPool(operation, input, output.shape);
    case 'avgPool':
      return averagePool(operation, input, output.shape);
    case 'l2Pool': {
      const { size, strides } = operation.window;
      const pads = sides(clipped(coveredPads(operation.window, input, output.shape)));
      return layerOf('L2Pooling2D', [tuple(size), tuple(strides), pads].join(', '), 'L2Pooling2D');
    }
    case 'adaptiveAvgPool':
    case 'adaptiveMaxPool': {
      const average = operation.kind === 'adaptiveAvgPool';
      const even = evenBins(input, output.shape);
      if (even) return layerOf(average ? 'layers.AveragePooling2D' : 'layers.MaxPooling2D', pairOf(even));
      const size = tuple(output.shape.slice(0, 2));
      return functionOf((x) => `adaptive_pool(${x}, ${size}, ${average ? 'ops.mean' : 'ops.max'})`, 'adaptive_pool');
    }
    case 'globalAvgPool':
      return layerOf('layers.GlobalAveragePooling2D', operation.keep ? 'keepdims=True' : '');
    case 'globalMaxPool':
      return layerOf('layers.GlobalMaxPooling2D', operation.keep ? 'keepdims=True' : '');
    case 'lrn': {
      const { below, above, alpha, beta, k } = operation;
      const options = `below=${below}, above=${above}, alpha=${alpha}, beta=${beta}, k=${k}`;
      return layerOf('LocalResponseNormalization', options, 'LocalResponseNormalization');
    }
    case 'dropout':
      return layerOf('layers.Dropout', String(operation.rate));
    case 'add':
      return { run: (names) => names.join(' + ') };
    case 'concat':
      return { run: (names) => `ops.concatenate([${names.join(', ')}], -1)` };
    case 'flatten':
      return layerOf('layers.Flatten', '');
    case 'reshape':
      return layerOf('layers.Reshape', tuple(output.shape));
    case 'maxout': {
      const shape = tuple([-1, ...output.shape, operation.pieces]);
      return functionOf((x) => `ops.max(ops.reshape(${x}, ${shape}), -1)`);
    }
    case 'upsample': {
      const { scale, mode, alignCorners } = operation;
      if (alignCorners) return functionOf((x) => `upsample_corners(${x}, ${tuple(scale)})`, 'upsample_corners');
      return layerOf('layers.UpSampling2D', `${tuple(scale)}, interpolation=${literal(mode)}`);
    }
    case 'zeroPad':
      return layerOf('layers.ZeroPadding2D', sides(operation.pads));
    case 'subsample':
      return functionOf((x) => `${x}[:, ::${operation.strides[0]}, ::${operation.strides[1]}]`);
    case 'padChannels':
      return functionOf((x) => `ops.pad(${x}, ((0, 0), (0, 0), (0, 0), (${operation.before}, ${operation.after})))`);
  }
}

/** Zeros, or what else is said, come before a layer that has none of its own. */
function padded(pads: Readonly<Pads>, source: LayerSource, value = ''): LayerSource {
  if (noPads(pads)) return source;
  return {
    ...source,
    run: ([x], layer) =>
      source.run(
        [`ops.pad(${x}, ((0, 0), (${pads.top}, ${pads.bottom}), (${pads.left}, ${pads.right}), (0, 0))${value})`],
        layer,
      ),
  };
}

function convolution(
  name: 'Conv2D' | 'DepthwiseConv2D',
  positional: readonly string[],
  { window, bias }: OperationOf<'conv' | 'depthwise'>,
  more: Readonly<Record<string, string | false>>,
  input: readonly number[],
  output: readonly number[],
): LayerSource {
  const { size, strides, dilations, pads } = window;
  const same = !noPads(pads) && isSame(window, input);
  // Keras has no dilated convolution with strides: it is one without, of which pixels are left out.
  const leftOut = dilations.some((d) => d > 1) && strides.some((s) => s > 1);
  const options = argumentsOf([...positional, pairOf(size)], {
    strides: !leftOut && strides.some((s) => s > 1) && pairOf(strides),
    padding: same && !leftOut && "'same'",
    dilation_rate: dilations.some((d) => d > 1) && pairOf(dilations),
    ...more,
    use_bias: !bias && 'False',
  });
  const source = layerOf(`layers.${name}`, options);
  if (!leftOut) return same ? source : padded(pads, source);
  const picked = strides.map((s, axis) => `:${(output[axis]! - 1) * s + 1}:${s}`).join(', ');
  return padded(pads, { ...source, run: (names, layer) => `${source.run(names, layer)}[:, ${picked}]` });
}

/** Keras's own where it has the padding, else one that is brought along. */
function transposedConvolution(
  { window, groups, bias }: OperationOf<'convTranspose'>,
  input: readonly number[],
  output: readonly number[],
): LayerSource {
  const { size, strides, dilations, pads } = window;
  const before = [pads.top, pads.left] as const;
  const after = before.map((pad, axis) => {
    return (input[axis]! - 1) * strides[axis]! + dilations[axis]! * (size[axis]! - 1) + 1 - pad - output[axis]!;
  }) as [number, number];
  const plain = groups === 1 && dilations.every((d) => d === 1);
  const valid = plain && [...before, ...after].every((pad) => pad === 0) && size.every((s, axis) => s >= strides[axis]!);
  const same =
    plain && isSame(window, output) && output.slice(0, 2).every((length, axis) => length === input[axis]! * strides[axis]!);
  if (valid || (same && size.every((s, axis) => s >= strides[axis]!))) {
    const rest = { strides: pairOf(strides), padding: !valid && "'same'", use_bias: !bias && 'False' };
    return layerOf('layers.Conv2DTranspose', argumentsOf([String(output[2]), pairOf(size)], rest));
  }
  const options = argumentsOf([String(output[2]), tuple(size), tuple(strides), tuple(before), tuple(after)], {
    dilation_rate: dilations.some((d) => d > 1) && tuple(dilations),
    groups: groups > 1 && String(groups),
    use_bias: !bias && 'False',
  });
  return layerOf('GroupedConv2DTranspose', options, 'GroupedConv2DTranspose');
}

function maxPool({ window }: OperationOf<'maxPool'>, input: readonly number[], output: readonly number[]): LayerSource {
  const { size, strides, dilations } = window;
  const pads = clipped(coveredPads(window, input, output));
  const minusInfinity = ", constant_values=float('-inf')";
  if (dilations.some((d) => d > 1)) {
    const given = [size, strides, dilations, output.slice(0, 2)].map((each) => tuple(each)).join(', ');
    return padded(
      pads,
      functionOf((x) => `max_pool(${x}, ${given})`, 'max_pool'),
      minusInfinity,
    );
  }
  const same = !noPads(pads) && isSame({ ...window, pads }, input);
  const source = layerOf('layers.MaxPooling2D', `${pairOf(size)}, ${pairOf(strides)}${same ? ", 'same'" : ''}`);
  return same ? source : padded(pads, source, minusInfinity);
}

function averagePool(
  { window, countPads }: OperationOf<'avgPool'>,
  input: readonly number[],
  output: readonly number[],
): LayerSource {
  const { size, strides, pads } = window;
  const covered = clipped(coveredPads(window, input, output));
  const own = [pairOf(size), pairOf(strides)].join(', ');
  if (noPads(covered)) return layerOf('layers.AveragePooling2D', own);
  if (!countPads && isSame({ ...window, pads: covered }, input)) return layerOf('layers.AveragePooling2D', `${own}, 'same'`);
  const beyond = {
    top: 0,
    left: 0,
    bottom: Math.max(0, covered.bottom - pads.bottom),
    right: Math.max(0, covered.right - pads.right),
  };
  const given = [tuple(size), tuple(strides), sides(pads), sides(beyond), literal(countPads)].join(', ');
  return layerOf('PaddedAveragePooling2D', given, 'PaddedAveragePooling2D');
}
