/** Convolutions side by side in one tensor: equal to conv2d's and a concatenation to the bit, on every backend. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { type ConvolutionBranch, concatChannels, conv2d, type FusedActivation, joinedConv2d } from '../src/index.js';
import { generator, seed, values } from './random.js';

/** A branch by its sizes: x [height, width, channels], filter [kh, kw, channels / groups, out] and options; or channels of a tensor. */
interface Sizes extends Omit<ConvolutionBranch, 'x' | 'filter' | 'bias'> {
  x: [number, number, number];
  filter: [number, number, number, number];
  bias?: boolean;
}

type Branch = Sizes | number;
const SIDE = [9, 11] as const;

const branches: Record<string, Branch> = {
  '1x1': { x: [...SIDE, 7], filter: [1, 1, 7, 5], bias: true },
  '3x3 Winograd': { x: [...SIDE, 18], filter: [3, 3, 18, 19], pads: 1, bias: true },
  '3x3 few channels': { x: [...SIDE, 4], filter: [3, 3, 4, 3], pads: 1 },
  '5x5': { x: [...SIDE, 6], filter: [5, 5, 6, 10], pads: 2, bias: true },
  strided: { x: [17, 21, 5], filter: [3, 3, 5, 3], strides: 2, pads: 1 },
  dilated: { x: [...SIDE, 3], filter: [3, 3, 3, 10], dilations: 2, pads: 2, bias: true },
  grouped: { x: [...SIDE, 6], filter: [3, 3, 2, 9], groups: 3, pads: 1, bias: true },
  depthwise: { x: [...SIDE, 5], filter: [3, 3, 1, 10], groups: 5, pads: 1 },
  'stem of 3 channels': { x: [20, 24, 3], filter: [7, 7, 3, 5], strides: 2, pads: 2, bias: true },
  'stem of one channel': { x: [13, 15, 1], filter: [5, 5, 1, 3], bias: true },
  tensor: 3,
};

/** Its tensors: a convolution's, or one tensor of so many channels. */
function tensorsOf(branch: Branch, batch: number, random: () => number): ConvolutionBranch | tf.Tensor4D {
  const tensor = (shape: number[]) => tf.tensor(values(random, tf.util.sizeFromShape(shape)), shape);
  if (typeof branch === 'number') return tensor([batch, ...SIDE, branch]) as tf.Tensor4D;
  const { x, filter, bias, ...options } = branch;
  return {
    ...options,
    x: tensor([batch, ...x]) as tf.Tensor4D,
    filter: tensor(filter) as tf.Tensor4D,
    ...(bias && { bias: tensor([filter[3]]) as tf.Tensor1D }),
  };
}

const inputsOf = (branch: ConvolutionBranch | tf.Tensor4D): tf.Tensor[] =>
  branch instanceof tf.Tensor ? [branch] : [branch.x, branch.filter, ...(branch.bias ? [branch.bias] : [])];

/** The branches with other tensors, in the order of inputsOf. */
function withInputs(all: readonly (ConvolutionBranch | tf.Tensor4D)[], tensors: readonly tf.Tensor[]) {
  let next = 0;
  const take = () => tensors[next++] as never;
  return all.map((branch) =>
    branch instanceof tf.Tensor
      ? (take() as tf.Tensor4D)
      : { ...branch, x: take(), filter: take(), ...(branch.bias && { bias: take() }) },
  ) as (ConvolutionBranch | tf.Tensor4D)[];
}

function separately(all: readonly (ConvolutionBranch | tf.Tensor4D)[], activation: FusedActivation): tf.Tensor {
  return concatChannels(
    all.map((branch) => {
      if (branch instanceof tf.Tensor) return branch;
      const { x, filter, ...options } = branch;
      return conv2d(x, filter, { ...options, activation });
    }),
  );
}

const bits = (tensor: tf.Tensor): number[] => Array.from(new Int32Array((tensor.dataSync() as Float32Array).slice().buffer));

function expectEqual(names: readonly string[], activation: FusedActivation, batch: number, random: () => number): void {
  tf.tidy(() => {
    const all = names.map((name) => tensorsOf(branches[name]!, batch, random));
    const inputs = all.flatMap(inputsOf);
    const y = separately(all, activation);
    const dy = tf.tensor(values(random, y.size), y.shape);
    const joined = tf.valueAndGrads((...t: tf.Tensor[]) => joinedConv2d(withInputs(all, t), { activation }))(inputs, dy);
    const single = tf.valueAndGrads((...t: tf.Tensor[]) => separately(withInputs(all, t), activation))(inputs, dy);
    expect(joined.value.shape).toEqual(single.value.shape);
    expect(bits(joined.value)).toEqual(bits(single.value));
    joined.grads.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(single.grads[i]!.shape);
      expect(bits(gradient)).toEqual(bits(single.grads[i]!));
    });
  });
}

describe.each(['cpu', 'wasm-cnn', 'wasm'])(
  `joinedConv2d equals conv2d and concatChannels to the bit on %s (seed ${seed})`,
  (backend) => {
    beforeAll(() => tf.setBackend(backend));

    test.each(Object.keys(branches).filter((name) => name !== 'tensor'))('%s, between others', (name) => {
      expectEqual(['1x1', name, 'tensor', '5x5'], 'relu', 2, generator(seed));
    });
  },
);
