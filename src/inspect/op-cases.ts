/** One table of op cases: tests, `tfjs-cnn check` and measurements read it. A new op adds its rows. */
import * as tf from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import { activation, gatedActivation } from '../ops/activation/activation.js';
import { adaptiveAvgPool } from '../ops/adaptive-pool/adaptive-avg-pool.js';
import { adaptiveMaxPool } from '../ops/adaptive-pool/adaptive-max-pool.js';
import { addRelu } from '../ops/add-relu/add-relu.js';
import { avgPool } from '../ops/avg-pool/avg-pool.js';
import { batchNormInference, batchNormTraining } from '../ops/batch-norm/batch-norm.js';
import { concatOp } from '../ops/concat/concat.js';
import { convTranspose2d } from '../ops/conv-transpose2d/conv-transpose2d.js';
import { conv2d } from '../ops/conv2d/conv2d.js';
import { dense } from '../ops/dense/dense.js';
import { depthwiseConv2d } from '../ops/depthwise-conv2d/depthwise-conv2d.js';
import { dropout } from '../ops/dropout/dropout.js';
import { globalAvgPool } from '../ops/global-pool/global-avg-pool.js';
import { globalMaxPool } from '../ops/global-pool/global-max-pool.js';
import { joinedConv2dOp } from '../ops/joined-conv2d/joined-conv2d.js';
import { l2Pool } from '../ops/l2-pool/l2-pool.js';
import { localResponseNormalization } from '../ops/local-response-normalization/local-response-normalization.js';
import { locallyConnected2d } from '../ops/locally-connected2d/locally-connected2d.js';
import { maxPool } from '../ops/max-pool/max-pool.js';
import { maxPoolWithSwitches } from '../ops/max-pool/max-pool-with-switches.js';
import { maxUnpool2d } from '../ops/max-unpool/max-unpool.js';
import { maxout } from '../ops/maxout/maxout.js';
import { multiclassHingeOp } from '../ops/multiclass-hinge/multiclass-hinge.js';
import { softmaxCrossEntropyOp } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { upsample2d } from '../ops/upsample/upsample.js';
import { zeroPad2d } from '../ops/zero-pad/zero-pad.js';
import type { OpCase } from './op-case.js';
import type { AnyOp } from './reference-run.js';

type Options = Record<string, unknown>;
type Shape = number[];

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** An op of one tensor x and options. */
function unary(op: unknown, name: string, x: Shape, terms: number, options: unknown[] = [], builtin?: OpCase['builtin']): OpCase {
  return { name, op: op as AnyOp, shapes: { x }, args: (t) => [t['x'], ...options], terms, builtin };
}

/** conv2d or depthwiseConv2d. Every element is a sum over a window or, in dfilter, over all places. */
function convolution(
  op: unknown,
  name: string,
  x: Shape,
  filter: Shape,
  options: Options = {},
  withBias = true,
  builtin?: OpCase['builtin'],
): OpCase {
  const outChannels = op === (conv2d as unknown) ? filter[3]! : filter[2]! * filter[3]!;
  return {
    name: `${op === (conv2d as unknown) ? 'conv2d' : 'depthwiseConv2d'} ${name}`,
    op: op as AnyOp,
    shapes: { x, filter, ...(withBias && { bias: [outChannels] }) },
    args: (t) => [t['x'], t['filter'], withBias ? { ...options, bias: t['bias'] } : options],
    terms: Math.max(filter[0]! * filter[1]! * Math.max(x[3]!, outChannels), x[0]! * x[1]! * x[2]!),
    builtin,
  };
}

/** tf's own convolution, bias and relu included: its gradients are right without dilation and groups. */
const tfConv =
  (strides: number, pad: 'same' | 'valid', act?: 'relu') =>
  (...args: unknown[]): tf.Tensor => {
    const [x, filter, { bias }] = args as [tf.Tensor4D, tf.Tensor4D, { bias?: tf.Tensor }];
    const y = tf.conv2d(x, filter, strides, pad);
    const shifted = bias ? tf.add(y, bias) : y;
    return act ? tf.relu(shifted) : shifted;
  };

const tfMaxPool =
  (size_: number, strides: number, pad: 'same' | 'valid') =>
  (...args: unknown[]): tf.Tensor =>
    tf.maxPool(args[0] as tf.Tensor4D, size_, strides, pad);

const oneHot =
  (classes: number) =>
  (_random: () => number, i: number): number =>
    (Math.floor(i / classes) * 7 + 3) % classes === i % classes ? 1 : 0;

const positive = (random: () => number): number => 0.5 + random();

const convolutions: OpCase[] = [
  convolution(conv2d, '1x1', [2, 5, 4, 3], [1, 1, 3, 5], {}, true, tfConv(1, 'valid')),
  convolution(
    conv2d,
    '3x3 same relu',
    [2, 7, 6, 4],
    [3, 3, 4, 6],
    { pads: 'same', activation: 'relu' },
    true,
    tfConv(1, 'same', 'relu'),
  ),
  convolution(conv2d, '3x3 same, 18 -> 17 channels', [2, 9, 11, 18], [3, 3, 18, 17], { pads: 'same' }, true, tfConv(1, 'same')),
  convolution(conv2d, '5x5 stride 2 same', [1, 11, 9, 2], [5, 5, 2, 7], { strides: 2, pads: 'same' }, false, tfConv(2, 'same')),
  convolution(conv2d, '5x5, 1 -> 6 channels, pads 2', [3, 12, 12, 1], [5, 5, 1, 6], { pads: 2, activation: 'relu' }),
  convolution(conv2d, '11x11 stride 4, pads 2', [1, 31, 27, 3], [11, 11, 3, 8], { strides: 4, pads: 2 }),
  convolution(conv2d, '3x2 dilation 2x3, uneven pads', [2, 9, 10, 3], [3, 2, 3, 4], {
    dilations: [2, 3],
    pads: { top: 2, bottom: 0, left: 1, right: 3 },
    activation: 'tanh',
  }),
  convolution(conv2d, '3x3 groups 2 stride 3x1', [2, 8, 7, 6], [3, 3, 3, 4], {
    groups: 2,
    strides: [3, 1],
    pads: 1,
    activation: 'sigmoid',
  }),
  convolution(conv2d, '3x3, one pixel out', [1, 3, 3, 5], [3, 3, 5, 2], { activation: 'elu' }, true),
  convolution(depthwiseConv2d, '3x3 same', [2, 7, 7, 6], [3, 3, 6, 1], { pads: 'same' }, false, (...args) =>
    tf.depthwiseConv2d(args[0] as tf.Tensor4D, args[1] as tf.Tensor4D, 1, 'same'),
  ),
  convolution(depthwiseConv2d, '5x3 stride 2, multiplier 2, relu6', [1, 9, 8, 5], [5, 3, 5, 2], {
    strides: 2,
    pads: 1,
    activation: 'relu6',
  }),
  convolution(depthwiseConv2d, '3x3 dilation 2', [2, 8, 9, 4], [3, 3, 4, 1], { dilations: 2, pads: 'same' }),
];

/** A transposed convolution: its sums are those of a convolution from y to x. */
function transposed(name: string, x: Shape, filter: Shape, options: Options = {}, builtin?: OpCase['builtin']): OpCase {
  return {
    name: `convTranspose2d ${name}`,
    op: convTranspose2d as unknown as AnyOp,
    shapes: { x, filter, bias: [filter[2]! * ((options['groups'] as number | undefined) ?? 1)] },
    args: (t) => [t['x'], t['filter'], { ...options, bias: t['bias'] }],
    terms: Math.max(size(filter.slice(0, 2)) * Math.max(x[3]!, filter[2]!), 16 * size(x.slice(0, 3))),
    builtin,
  };
}

const otherConvolutions: OpCase[] = [
  transposed('2x2 stride 2', [2, 4, 5, 3], [2, 2, 4, 3], { strides: 2 }, (...args) => {
    const [x, filter, { bias }] = args as [tf.Tensor4D, tf.Tensor4D, { bias: tf.Tensor }];
    return tf.add(tf.conv2dTranspose(x, filter, [2, 8, 10, 4], 2, 'valid'), bias);
  }),
  transposed('4x4 stride 2 pads 1 relu', [4, 3, 4, 6], [4, 4, 5, 6], { strides: 2, pads: 1, activation: 'relu' }),
  transposed('3x3 groups 2 dilation 2, output padded', [1, 5, 4, 4], [3, 3, 3, 4], {
    groups: 2,
    strides: 3,
    dilations: 2,
    pads: { top: 1, bottom: 0, left: 2, right: 1 },
    outputPadding: [2, 1],
    activation: 'tanh',
  }),
  {
    name: 'locallyConnected2d 3x2',
    op: locallyConnected2d as unknown as AnyOp,
    shapes: { x: [3, 6, 5, 3], filter: [4, 4, 18, 5], bias: [4, 4, 5] },
    args: (t) => [t['x'], t['filter'], { kernelSize: [3, 2], bias: t['bias'], activation: 'relu' }],
    terms: 30,
  },
  {
    name: 'locallyConnected2d 2 stride 2 same',
    op: locallyConnected2d as unknown as AnyOp,
    shapes: { x: [1, 5, 5, 2], filter: [3, 3, 8, 8] },
    args: (t) => [t['x'], t['filter'], { kernelSize: 2, strides: 2, pads: 'same' }],
    terms: 32,
  },
];

const products: OpCase[] = [
  {
    name: 'dense 37 -> 10',
    op: dense as unknown as AnyOp,
    terms: 37,
    shapes: { x: [9, 37], filter: [37, 10], bias: [10] },
    args: (t) => [t['x'], t['filter'], { bias: t['bias'] }],
    builtin: (...args) => tf.add(tf.matMul(args[0] as tf.Tensor, args[1] as tf.Tensor), (args[2] as { bias: tf.Tensor }).bias),
  },
  {
    name: 'dense tanh, one row',
    op: dense as unknown as AnyOp,
    terms: 40,
    shapes: { x: [1, 40], filter: [40, 3] },
    args: (t) => [t['x'], t['filter'], { activation: 'tanh' }],
    builtin: (...args) => tf.tanh(tf.matMul(args[0] as tf.Tensor, args[1] as tf.Tensor)),
  },
];

const pools: OpCase[] = [
  unary(maxPool, 'maxPool 2', [2, 8, 6, 5], 1, [{ size: 2 }], tfMaxPool(2, 2, 'valid')),
  unary(maxPool, 'maxPool 3 stride 2 same', [2, 7, 9, 4], 9, [{ size: 3, strides: 2, pads: 'same' }], tfMaxPool(3, 2, 'same')),
  unary(maxPool, 'maxPool 3 stride 2 ceilMode', [1, 8, 7, 3], 9, [{ size: 3, strides: 2, ceilMode: true }]),
  unary(maxPoolWithSwitches, 'maxPoolWithSwitches 3 stride 2 pads 1', [2, 7, 8, 5], 9, [{ size: 3, strides: 2, pads: 1 }]),
  {
    name: 'maxUnpool2d, places shared',
    op: maxUnpool2d as unknown as AnyOp,
    terms: 24,
    shapes: { x: [2, 3, 4, 5], switches: [2, 3, 4, 5] },
    values: { switches: (random) => Math.floor(random() * 42) },
    args: (t) => [t['x'], t['switches'], { outputSize: [7, 6] }],
  },
  unary(avgPool, 'avgPool 2', [2, 6, 8, 5], 4, [{ size: 2 }], (...args) => tf.avgPool(args[0] as tf.Tensor4D, 2, 2, 'valid')),
  unary(avgPool, 'avgPool 3 stride 2, pads counted', [2, 7, 8, 3], 9, [{ size: 3, strides: 2, pads: 1, countIncludePad: true }]),
  // tfjs is no oracle here: its gradient divides by the whole window where its forward pass counts pixels.
  unary(avgPool, 'avgPool 3 same, pads not counted', [2, 7, 8, 3], 9, [{ size: 3, strides: 1, pads: 'same' }]),
  unary(l2Pool, 'l2Pool 3 stride 2', [2, 7, 7, 3], 9, [{ size: 3, strides: 2 }]),
  unary(adaptiveAvgPool, 'adaptiveAvgPool 3x2', [2, 7, 5, 4], 12, [{ outputSize: [3, 2] }]),
  unary(adaptiveMaxPool, 'adaptiveMaxPool 3x2', [2, 7, 5, 4], 12, [{ outputSize: [3, 2] }]),
  unary(globalAvgPool, 'globalAvgPool', [3, 7, 5, 6], 35, [], (...args) => tf.mean(args[0] as tf.Tensor, [1, 2])),
  unary(globalMaxPool, 'globalMaxPool', [3, 7, 5, 6], 1, [], (...args) => tf.max(args[0] as tf.Tensor, [1, 2])),
];

/** tfjs's gradients of resizing are right for one picture (nearest) and for square ones (bilinear) only. */
const upsamplings: OpCase[] = [
  unary(upsample2d, 'upsample2d nearest 2', [1, 5, 4, 3], 4, [{ scale: 2 }], (...args) =>
    tf.image.resizeNearestNeighbor(args[0] as tf.Tensor4D, [10, 8]),
  ),
  unary(upsample2d, 'upsample2d bilinear 2x3', [2, 4, 5, 3], 16, [{ scale: [2, 3], mode: 'bilinear' }]),
  unary(
    upsample2d,
    'upsample2d bilinear, corners aligned',
    [2, 5, 5, 6],
    40,
    [{ size: 9, mode: 'bilinear', alignCorners: true }],
    (...args) => tf.image.resizeBilinear(args[0] as tf.Tensor4D, [9, 9], true),
  ),
];

/** exp, log and tanh of the engines are good to a few roundings: 16 stand for them. */
const activations: OpCase[] = [
  ...(['relu', 'leakyRelu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'softplus', 'hardSigmoid'] as const).map((kind) =>
    unary(activation, kind, [3, 5, 7], 16, [kind]),
  ),
  ...(['gelu', 'geluTanh', 'silu', 'hardSwish', 'mish'] as const).map((kind) =>
    unary(gatedActivation, kind, [3, 5, 7], 16, [kind]),
  ),
];

const vectors = (channels: number): Named<Shape> => ({ gamma: [channels], beta: [channels] });

const normalizations: OpCase[] = [
  {
    name: 'batchNorm training',
    op: batchNormTraining as unknown as AnyOp,
    terms: size([4, 5, 3]),
    shapes: { x: [4, 5, 3, 6], ...vectors(6) },
    args: (t) => [t['x'], { gamma: t['gamma'], beta: t['beta'] }],
  },
  {
    name: 'batchNorm training relu, no gamma',
    op: batchNormTraining as unknown as AnyOp,
    terms: 32,
    shapes: { x: [32, 5], beta: [5] },
    args: (t) => [t['x'], { beta: t['beta'], activation: 'relu' }],
  },
  {
    name: 'batchNorm inference',
    op: batchNormInference as unknown as AnyOp,
    terms: size([2, 5, 3]),
    shapes: { x: [2, 5, 3, 6], ...vectors(6), mean: [6], variance: [6] },
    values: { variance: positive },
    args: (t) => [t['x'], { gamma: t['gamma'], beta: t['beta'], runningMean: t['mean'], runningVariance: t['variance'] }],
  },
  unary(localResponseNormalization, "LRN 5, PyTorch's alpha", [2, 3, 4, 9], 16, [{ size: 5, alpha: 0.7, beta: 0.75, k: 1.5 }]),
];

const losses: OpCase[] = [
  {
    name: 'softmaxCrossEntropy',
    op: softmaxCrossEntropyOp as unknown as AnyOp,
    terms: 32,
    shapes: { logits: [6, 11], labels: [6, 11] },
    values: { labels: oneHot(11) },
    args: (t) => [t['logits'], t['labels'], {}],
    builtin: (...args) => tf.losses.softmaxCrossEntropy(args[1] as tf.Tensor, args[0] as tf.Tensor),
  },
  {
    name: 'softmaxCrossEntropy smoothed, none',
    op: softmaxCrossEntropyOp as unknown as AnyOp,
    terms: 32,
    shapes: { logits: [5, 10], labels: [5, 10] },
    values: { labels: oneHot(10) },
    args: (t) => [t['logits'], t['labels'], { labelSmoothing: 0.1, reduction: 'none' }],
  },
  {
    name: 'softmaxCrossEntropy of class indices, weighed',
    op: softmaxCrossEntropyOp as unknown as AnyOp,
    terms: 32,
    shapes: { logits: [6, 9], labels: [6], weights: [6] },
    values: { labels: (_, i) => (7 * i + 3) % 9 },
    args: (t) => [t['logits'], t['labels'], { weights: t['weights'] }],
  },
  {
    name: 'multiclassHinge',
    op: multiclassHingeOp as unknown as AnyOp,
    terms: 16,
    shapes: { logits: [6, 7], labels: [6, 7] },
    values: { labels: oneHot(7) },
    args: (t) => [t['logits'], t['labels'], {}],
  },
];

/** An inception module's four branches, one of them a tensor, and other convolutions of one size beside each other. */
const joined: OpCase[] = [
  {
    name: 'joinedConv2d 1x1, 3x3, 5x5 and a tensor, relu',
    op: joinedConv2dOp('CCCT') as unknown as AnyOp,
    terms: 2 * 7 * 6,
    shapes: {
      ...{ x0: [2, 7, 6, 4], filter0: [1, 1, 4, 3], bias0: [3] },
      ...{ x1: [2, 7, 6, 3], filter1: [3, 3, 3, 5], bias1: [5] },
      ...{ x2: [2, 7, 6, 2], filter2: [5, 5, 2, 3], x3: [2, 7, 6, 3] },
    },
    args: (t) => [t, [{}, { pads: 1 }, { pads: 2 }, {}], 'relu'],
    builtin: (...args) => {
      const t = args[0] as Named<tf.Tensor4D>;
      const own = [0, 1, 2].map((i) => {
        const z = tf.conv2d(t[`x${i}`]!, t[`filter${i}`]!, 1, 'same');
        return tf.relu(t[`bias${i}`] ? tf.add(z, t[`bias${i}`]!) : z);
      });
      return tf.concat([...own, t['x3']!], 3);
    },
  },
  {
    name: 'joinedConv2d strided, dilated and grouped',
    op: joinedConv2dOp('CCC') as unknown as AnyOp,
    terms: 9 * 6,
    shapes: {
      ...{ x0: [1, 11, 9, 3], filter0: [3, 3, 3, 5] },
      ...{ x1: [1, 6, 5, 2], filter1: [3, 3, 2, 1], bias1: [1] },
      ...{ x2: [1, 6, 5, 6], filter2: [3, 3, 3, 6], bias2: [6] },
    },
    args: (t) => [
      t,
      [
        { strides: 2, pads: 1 },
        { dilations: 2, pads: 2 },
        { groups: 2, pads: 1 },
      ],
    ],
  },
];

const rearrangements: OpCase[] = [
  {
    name: 'addRelu',
    op: addRelu as unknown as AnyOp,
    terms: 2,
    shapes: { a: [2, 3, 3, 5], b: [2, 3, 3, 5] },
    args: (t) => [t['a'], t['b']],
    builtin: (...args) => tf.relu(tf.add(args[0] as tf.Tensor, args[1] as tf.Tensor)),
  },
  unary(dropout, 'dropout 0.3', [3, 5, 7], 1, [{ rate: 0.3, seed: 7 }]),
  unary(maxout, 'maxout 3 pieces', [2, 3, 12], 1, [{ pieces: 3 }]),
  unary(zeroPad2d, 'zeroPad2d uneven', [2, 4, 5, 3], 1, [{ top: 1, bottom: 0, left: 2, right: 3 }], (...args) =>
    tf.pad4d(args[0] as tf.Tensor4D, [
      [0, 0],
      [1, 0],
      [2, 3],
      [0, 0],
    ]),
  ),
  {
    name: 'concatChannels of three',
    op: concatOp(3) as unknown as AnyOp,
    terms: 1,
    shapes: { x0: [2, 3, 3, 4], x1: [2, 3, 3, 1], x2: [2, 3, 3, 6] },
    args: (t) => [[t['x0'], t['x1'], t['x2']]],
  },
];

/** Every op of the package, with the sizes and options that matter. */
export const opCases: readonly OpCase[] = [
  ...convolutions,
  ...joined,
  ...otherConvolutions,
  ...products,
  ...pools,
  ...upsamplings,
  ...activations,
  ...normalizations,
  ...rearrangements,
  ...losses,
];
