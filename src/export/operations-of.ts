/** What each class of layers does, in operations. A layer that is not here cannot be exported. */
import type { Pads } from '../geometry.js';
import { transposedWindow } from '../ops/conv-transpose2d/geometry.js';
import {
  type LocalResponseNormalizationOptions,
  localResponseNormalizationGeometry,
} from '../ops/local-response-normalization/geometry.js';
import type { Operation, Size } from './graph.js';
import { type LayerReader, sidesOf } from './layer-reader.js';

type Read = (reader: LayerReader, map: readonly number[] | undefined) => Operation[];

const bias = (reader: LayerReader): boolean => reader.option<boolean>('useBias');

function pool(kind: 'maxPool' | 'l2Pool'): Read {
  return (reader) => {
    const ceil = reader.option<boolean | undefined>('ceilMode') ?? false;
    return [{ kind, window: reader.window(reader.option('poolSize'), ceil), ceil } as Operation];
  };
}

const averagePool: Read = (reader) => {
  const ceil = reader.option<boolean | undefined>('ceilMode') ?? false;
  const explicit = typeof reader.option('padding') !== 'string';
  const countPads = reader.option<boolean | null | undefined>('countIncludePad') ?? explicit;
  return [{ kind: 'avgPool', window: reader.window(reader.option('poolSize'), ceil), ceil, countPads }];
};

const globalPool =
  (kind: 'globalAvgPool' | 'globalMaxPool'): Read =>
  (reader) => [{ kind, keep: reader.option<boolean | undefined>('keepDims') ?? false }];

const alone =
  (operation: Operation): Read =>
  () => [operation];

/** Activations that are layers of their own, which tfjs-layers has by other names. */
const activation: Read = (reader) => {
  const name = reader.activationName(reader.option('activation'));
  const alpha = reader.option<number | null | undefined>('alpha') ?? (name === 'leakyRelu' ? 0.01 : 1);
  return name === 'linear' ? [] : [{ kind: 'activation', name, alpha }];
};

/** By class name, `Cnn` left out: ours and tfjs-layers' own take the same options. */
const table: Readonly<Record<string, Read>> = {
  Conv2D: (reader) =>
    reader.activated({
      kind: 'conv',
      window: reader.window(),
      groups: reader.option<number | undefined>('groups') ?? 1,
      bias: bias(reader),
    }),
  DepthwiseConv2D: (reader) =>
    reader.activated({
      kind: 'depthwise',
      window: reader.window(),
      multiplier: reader.option('depthMultiplier'),
      bias: bias(reader),
    }),
  ConvTranspose2D: transposed,
  Conv2DTranspose: transposed,
  TableConv2D: (reader) =>
    reader.activated({
      kind: 'tableConv',
      window: reader.window(),
      connections: reader.option('connections'),
      bias: bias(reader),
    }),
  Subsampling2D: (reader) => reader.activated({ kind: 'subsampling', window: reader.window(reader.option('poolSize')) }),
  Dense: (reader, map) => {
    if (reader.input.length !== 1)
      reader.refuse('is dense along the last axis of a map; a 1x1 convolution is the same and exported');
    return reader.activated({ kind: 'dense', bias: bias(reader), ...(map && { map }) });
  },
  RbfOutput: (reader) => [{ kind: 'rbf', codes: reader.option('codes') }],
  BatchNormalization: (reader) => {
    const axis = reader.option<number>('axis');
    if (axis !== -1 && axis !== reader.input.length) reader.refuse('must normalise along the channels, its last axis');
    return reader.activated({
      kind: 'batchNorm',
      epsilon: reader.option('epsilon'),
      momentum: reader.option('momentum'),
      gamma: reader.option('scale'),
      beta: reader.option('center'),
      unbiased: reader.option<boolean | undefined>('unbiasedVariance') ?? false,
    });
  },
  Activation: activation,
  ReLU: (reader) => {
    const limit = reader.option<number | null | undefined>('maxValue');
    if (limit != null && limit !== 6) reader.refuse('must have maxValue 6 or none');
    return [{ kind: 'activation', name: limit === 6 ? 'relu6' : 'relu', alpha: 1 }];
  },
  LeakyReLU: (reader) => [{ kind: 'activation', name: 'leakyRelu', alpha: reader.option('alpha') }],
  ELU: (reader) => [{ kind: 'activation', name: 'elu', alpha: reader.option('alpha') }],
  Softmax: (reader) => {
    const axis = reader.option<number>('axis');
    if (axis !== -1 && axis !== reader.input.length) reader.refuse('must run along the last axis');
    return [{ kind: 'activation', name: 'softmax', alpha: 1 }];
  },
  MaxPooling2D: pool('maxPool'),
  AveragePooling2D: averagePool,
  L2Pooling2D: pool('l2Pool'),
  AdaptiveAveragePooling2D: alone({ kind: 'adaptiveAvgPool' }),
  AdaptiveMaxPooling2D: alone({ kind: 'adaptiveMaxPool' }),
  GlobalAveragePooling2D: globalPool('globalAvgPool'),
  GlobalMaxPooling2D: globalPool('globalMaxPool'),
  LocalResponseNormalization: (reader) => {
    const options = reader.layer.getConfig() as LocalResponseNormalizationOptions;
    const { below, above, alpha, beta, k } = localResponseNormalizationGeometry([1, ...reader.input], options);
    return [{ kind: 'lrn', below, above, alpha, beta, k }];
  },
  Dropout: (reader) => {
    const rate = reader.option<number>('rate');
    return rate > 0 ? [{ kind: 'dropout', rate }] : [];
  },
  Add: alone({ kind: 'add' }),
  AddRelu: () => [{ kind: 'add' }, { kind: 'activation', name: 'relu', alpha: 1 }],
  ConcatChannels: alone({ kind: 'concat' }),
  Concatenate: (reader) => {
    const axis = reader.option<number>('axis');
    if (axis !== -1 && axis !== reader.input.length) reader.refuse('must join channels, its last axis');
    return [{ kind: 'concat' }];
  },
  Flatten: alone({ kind: 'flatten' }),
  Reshape: (reader) => {
    const channels = [reader.input, reader.output].map((shape) => shape.at(-1));
    const flat = [reader.input, reader.output].every((shape) => shape.slice(0, -1).every((size) => size === 1));
    if (!flat || channels[0] !== channels[1])
      reader.refuse('may only put axes of length 1 around the channels or take them away');
    return [{ kind: 'reshape' }];
  },
  Maxout: (reader) => [{ kind: 'maxout', pieces: reader.option('pieces') }],
  UpSampling2D: (reader) => {
    const mode = reader.option<'nearest' | 'bilinear'>('interpolation');
    if (reader.stock && mode !== 'nearest')
      reader.refuse("takes bilinear pixels where no other framework does; this package's does not");
    const alignCorners = reader.option<boolean | undefined>('alignCorners') ?? false;
    return [{ kind: 'upsample', scale: reader.option('size'), mode, alignCorners }];
  },
  ZeroPadding2D: (reader) => [{ kind: 'zeroPad', pads: sidesOf(reader.option<Pads | [Size, Size]>('padding')) }],
  ZeroPaddedShortcut: (reader) => {
    const stride = reader.option<number>('strides');
    const more = reader.option<number>('filters') - reader.input[2]!;
    const before = more >> 1;
    return [
      ...(stride > 1 ? [{ kind: 'subsample', strides: [stride, stride] } as const] : []),
      ...(more > 0 ? [{ kind: 'padChannels', before, after: more - before } as const] : []),
    ];
  },
};

function transposed(reader: LayerReader): Operation[] {
  const size = reader.option<Size>('kernelSize');
  const strides = reader.option<Size>('strides');
  const dilations = reader.option<Size | undefined>('dilationRate') ?? [1, 1];
  const {
    padTop: top,
    padBottom: bottom,
    padLeft: left,
    padRight: right,
  } = transposedWindow('export', [1, ...reader.input], size, 1, {
    strides,
    dilations,
    pads: reader.option('padding'),
    outputPadding: reader.option<Size | null | undefined>('outputPadding') ?? undefined,
  });
  const window = { size, strides, dilations, pads: { top, bottom, left, right } };
  const groups = reader.option<number | undefined>('groups') ?? 1;
  return reader.activated({ kind: 'convTranspose', window, groups, bias: bias(reader) });
}

/**
 * What a layer does.
 * @param map what its kernel was flattened from, of a dense layer
 * @throws ArgumentError naming the layer that has no counterpart
 */
export function operationsOf(reader: LayerReader, map: readonly number[] | undefined): Operation[] {
  const read = Object.hasOwn(table, reader.kind) ? table[reader.kind] : undefined;
  if (!read) reader.refuse('has no counterpart in other frameworks and is not exported');
  return read(reader, map);
}
