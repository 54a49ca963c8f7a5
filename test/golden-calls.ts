/** The golden file's cases as calls of the public ops, and how far they are from PyTorch's numbers: for Node and for pages. */
import * as tf from '@tensorflow/tfjs-core';
import * as cnn from '../src/index.js';
import { uniform } from './golden-fill.js';

type Params = Record<string, never>;
type Tensors = Record<string, tf.Tensor>;

/** A case of golden/ops.json. */
export interface Golden {
  op: string;
  params: Params;
  inputs: Record<string, { shape: number[]; scale: number }>;
  outputs: Record<string, { shape: number[]; values: number[] }>;
}

/** Each op of the golden file as a call of ours. */
export const calls: Record<string, (t: Tensors, params: Params) => tf.Tensor> = {
  conv2d: ({ x, filter, bias }, { strides, pads, dilations, groups }) =>
    cnn.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { strides, pads, dilations, groups, bias: bias as tf.Tensor1D }),
  dense: ({ x, kernel, bias }) => cnn.dense(x as tf.Tensor2D, kernel as tf.Tensor2D, { bias: bias as tf.Tensor1D }),
  maxPool: ({ x }, { size, stride, padding, dilation, ceilMode }) =>
    cnn.maxPool(x as tf.Tensor4D, { size, strides: stride, pads: padding, dilations: dilation, ceilMode }),
  avgPool: ({ x }, { size, stride, padding, ceilMode, countIncludePad }) =>
    cnn.avgPool(x as tf.Tensor4D, { size, strides: stride, pads: padding, ceilMode, countIncludePad }),
  l2Pool: ({ x }, { size, stride }) => cnn.l2Pool(x as tf.Tensor4D, { size, strides: stride }),
  adaptiveAvgPool: ({ x }, { outputSize }) => cnn.adaptiveAvgPool(x as tf.Tensor4D, { outputSize }),
  adaptiveMaxPool: ({ x }, { outputSize }) => cnn.adaptiveMaxPool(x as tf.Tensor4D, { outputSize }),
  localResponseNormalization: ({ x }, { size, alpha, beta, k }) =>
    cnn.localResponseNormalization(x as tf.Tensor4D, { size, alpha, beta, k }),
  batchNorm({ x, gamma, beta, mean, variance }, { training, epsilon, momentum }) {
    const shared = { gamma, beta, epsilon, runningMean: mean, runningVariance: variance };
    return training
      ? cnn.batchNorm(x!, { ...shared, momentum, training: true }).y
      : cnn.batchNorm(x!, { ...shared, training: false });
  },
  softmaxCrossEntropy: ({ logits }, { labelSmoothing }) =>
    cnn.softmaxCrossEntropy(logits as tf.Tensor2D, classes(logits!), { labelSmoothing }),
  multiclassHinge: ({ logits }, { margin }) => cnn.multiclassHinge(logits as tf.Tensor2D, classes(logits!), { margin }),
  activation: ({ x }, { name, ...rest }) => activation(name, rest)(x!),
  maxout: ({ x }, { pieces }) => cnn.maxout(x!, { pieces }),
  convTranspose2d: ({ x, filter, bias }, { stride, padding, outputPadding }) =>
    cnn.convTranspose2d(x as tf.Tensor4D, filter as tf.Tensor4D, {
      strides: stride,
      pads: padding,
      outputPadding,
      bias: bias as tf.Tensor1D,
    }),
  maxUnpool({ x }, { size, stride }) {
    const [, height, width] = x!.shape as [number, number, number];
    const { y, switches } = cnn.maxPoolWithSwitches(x as tf.Tensor4D, { size, strides: stride });
    return cnn.maxUnpool2d(y, switches, { outputSize: [height, width] });
  },
  upsample: ({ x }, { scale, mode, alignCorners }) => cnn.upsample2d(x as tf.Tensor4D, { scale, mode, alignCorners }),
  locallyConnected2d: ({ x, filter, bias }, { kernelSize, strides }) =>
    cnn.locallyConnected2d(x as tf.Tensor4D, filter as tf.Tensor4D, { kernelSize, strides, bias: bias as tf.Tensor3D }),
};

/** The golden files' rule: the class of row i is (7 i + 3) mod classes. */
function classes({ shape }: tf.Tensor): tf.Tensor {
  return tf.tensor1d(
    Array.from({ length: shape[0]! }, (_, i) => (7 * i + 3) % shape[1]!),
    'int32',
  );
}

function activation(name: string, { alpha, negativeSlope = alpha }: Record<string, number>): (x: tf.Tensor) => tf.Tensor {
  const named = cnn as unknown as Record<string, (x: tf.Tensor, option?: unknown) => tf.Tensor>;
  if (name === 'geluTanh' || name === 'gelu_tanh') return (x) => cnn.gelu(x, 'tanh');
  return (x) => named[name]!(x, negativeSlope);
}

/** How the golden file fills batch norm's vectors. */
const offsets: Record<string, [number, number]> = { gamma: [1.5, 1], variance: [1, 0.5] };

function fill({ op, inputs }: Golden): Tensors {
  const tensors: Tensors = {};
  for (const [name, { shape, scale }] of Object.entries(inputs)) {
    const [offset, factor] = (op === 'batchNorm' && offsets[name]) || [0, 1];
    const values = uniform(name, tf.util.sizeFromShape(shape)).map((v) => offset + factor * scale * v);
    tensors[name] = tf.tensor(Float32Array.from(values), shape);
  }
  return tensors;
}

/** A case in a few words. */
export function nameOf({ op, params }: Golden, place: number): string {
  return `${place} ${op} ${JSON.stringify(params)}`.slice(0, 110);
}

/**
 * No sum in the file is longer than the largest input; float32 adds one rounding a term, and terms are of size 1.
 * @returns what is beyond the bound, or undefined
 */
function complaint(what: string, found: ArrayLike<number>, expected: number[], terms: number): string | undefined {
  if (found.length !== expected.length) return `${what} has ${found.length} values, expected ${expected.length}`;
  const scale = Math.max(1, Math.sqrt(expected.reduce((sum, v) => sum + v * v, 0) / expected.length));
  for (const [i, value] of expected.entries()) {
    const bound = (terms + 16) * 2 ** -24 * (Math.abs(value) + scale);
    if (!(Math.abs(found[i]! - value) <= bound)) return `${what} [${i}]: ${found[i]}, expected ${value}, bound ${bound}`;
  }
  return undefined;
}

/** Runs a case on the current backend, forward and backward. @returns what disagrees, one line a tensor */
export async function goldenComplaints(golden: Golden): Promise<string[]> {
  const { op, params, outputs } = golden;
  const filled = fill(golden);
  const { dy, ...tensors } = filled;
  const wrt = Object.keys(tensors).filter((name) => outputs[`d${name}`]);
  const f = (...given: tf.Tensor[]) =>
    calls[op]!({ ...tensors, ...Object.fromEntries(wrt.map((name, i) => [name, given[i]!])) }, params);
  const given = wrt.map((name) => tensors[name]!);
  const y = tf.tidy(() => f(...given));
  const terms = Math.max(...Object.values(tensors).map(({ size }) => size));
  const complaints = [complaint('y', await y.data(), (outputs['y'] ?? outputs['loss'])!.values, terms)];
  const gradients = tf.tidy(() => tf.grads(f)(given, dy && tf.reshape(dy, y.shape)));
  for (const [i, name] of wrt.entries()) {
    complaints.push(complaint(`d${name}`, await gradients[i]!.data(), outputs[`d${name}`]!.values, terms));
  }
  tf.dispose([filled, y, gradients]);
  return complaints.filter((each): each is string => each !== undefined);
}
