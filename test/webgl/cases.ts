/** Geometries beside those of the op table: what tiles, pairs and groups make of sizes that do not fit them. */
import type * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../../src/inspect/op-case.js';
import { type ConvTranspose2DOptions, convTranspose2d } from '../../src/ops/conv-transpose2d/conv-transpose2d.js';
import { conv2d } from '../../src/ops/conv2d/conv2d.js';
import { dense } from '../../src/ops/dense/dense.js';
import { depthwiseConv2d } from '../../src/ops/depthwise-conv2d/depthwise-conv2d.js';

function convolution(x: number[], filter: number[], options: object = {}, bias = true): OpCase {
  return {
    name: `conv2d ${x} * ${filter} ${JSON.stringify(options)}`,
    op: conv2d as unknown as OpCase['op'],
    shapes: { x, filter, ...(bias && { bias: [filter[3]!] }) },
    args: (t) => [t['x'], t['filter'], bias ? { ...options, bias: t['bias'] as tf.Tensor1D } : options],
    terms: Math.max(filter[0]! * filter[1]! * Math.max(x[3]!, filter[3]!), x[0]! * x[1]! * x[2]!),
  };
}

/** Its sums are those of a convolution from y to x. */
function transposed(x: number[], filter: number[], options: ConvTranspose2DOptions): OpCase {
  return {
    name: `convTranspose2d ${x} * ${filter} ${JSON.stringify(options)}`,
    op: convTranspose2d as unknown as OpCase['op'],
    shapes: { x, filter, bias: [filter[2]! * (options.groups ?? 1)] },
    args: (t) => [t['x'], t['filter'], { ...options, bias: t['bias'] as tf.Tensor1D }],
    terms: Math.max(filter[0]! * filter[1]! * Math.max(x[3]!, filter[2]!), 16 * x[0]! * x[1]! * x[2]!),
  };
}

function product(rows: number, inputs: number, units: number, activation = 'linear', bias = true): OpCase {
  return {
    name: `dense [${rows}, ${inputs}] * [${inputs}, ${units}] ${activation}`,
    op: dense as unknown as OpCase['op'],
    shapes: { x: [rows, inputs], filter: [inputs, units], ...(bias && { bias: [units] }) },
    args: (t) => [t['x'], t['filter'], { activation, ...(bias && { bias: t['bias'] as tf.Tensor1D }) }],
    terms: Math.max(rows, inputs, units),
  };
}

function depthwise(x: number[], filter: number[], options: object = {}): OpCase {
  return {
    name: `depthwiseConv2d ${x} * ${filter} ${JSON.stringify(options)}`,
    op: depthwiseConv2d as unknown as OpCase['op'],
    shapes: { x, filter, bias: [filter[2]! * filter[3]!] },
    args: (t) => [t['x'], t['filter'], { ...options, bias: t['bias'] as tf.Tensor1D }],
    terms: x[0]! * x[1]! * x[2]!,
  };
}

export const geometryCases: readonly OpCase[] = [
  // Tiles of several texels: enough fragments that they are not halved.
  convolution([4, 32, 32, 4], [3, 3, 4, 16], { pads: 1, activation: 'relu' }),
  convolution([4, 31, 33, 3], [3, 3, 3, 18], { pads: 'same' }),
  convolution([4, 32, 32, 4], [3, 3, 4, 18], { strides: 2, pads: 1 }),
  convolution([4, 33, 31, 4], [3, 3, 4, 18], { strides: 2, pads: 'same' }),
  convolution([4, 32, 32, 4], [1, 1, 4, 16], { strides: 2 }),
  convolution([4, 28, 28, 2], [5, 5, 2, 16]),
  convolution([2, 32, 31, 3], [7, 7, 3, 10], { strides: 2, pads: 3 }),
  convolution([1, 47, 45, 3], [11, 11, 3, 8], { strides: 4, pads: 2 }),
  convolution([4, 29, 31, 5], [3, 3, 5, 7], { strides: 3, pads: { top: 0, bottom: 2, left: 1, right: 0 } }),
  convolution([4, 20, 20, 16], [3, 3, 4, 24], { groups: 4, pads: 1 }),
  convolution([2, 15, 14, 9], [3, 2, 3, 6], { groups: 3, strides: [2, 1] }),
  convolution([2, 24, 22, 4], [3, 3, 4, 6], { dilations: [3, 2], pads: 2 }),
  convolution([1, 40, 38, 2], [2, 2, 2, 3], { strides: 9 }),
  convolution([1, 1, 1, 1], [1, 1, 1, 1]),
  convolution([48, 5, 5, 8], [5, 5, 8, 12], { activation: 'elu' }),
  convolution([3, 9, 11, 6], [3, 3, 1, 6], { groups: 6, pads: 1, strides: 2 }),
  depthwise([3, 9, 11, 7], [5, 4, 7, 1], { pads: { top: 1, bottom: 2, left: 2, right: 0 }, activation: 'relu' }),
  depthwise([2, 12, 9, 4], [3, 3, 4, 1], { strides: [2, 3], dilations: 2, pads: 2 }),
  // Of several tiles, of one, channel by channel, of strides that no tile fits, of groups of an odd number of channels.
  transposed([4, 16, 15, 6], [4, 4, 8, 6], { strides: 2, pads: 1, activation: 'relu' }),
  transposed([2, 5, 4, 3], [3, 3, 5, 3], { strides: 2, pads: 'same', activation: 'tanh' }),
  transposed([3, 6, 5, 6], [3, 3, 1, 6], { groups: 6, strides: 2, pads: 1, outputPadding: 1, activation: 'elu' }),
  transposed([1, 5, 4, 2], [2, 2, 3, 2], { strides: 9, activation: 'sigmoid' }),
  transposed([2, 4, 5, 9], [3, 2, 3, 9], { groups: 3, strides: [2, 3], activation: 'relu6' }),
  transposed([2, 4, 3, 2], [3, 3, 2, 2], { dilations: 3, pads: 2, outputPadding: 2 }),
  // Tiles of several texels, sums cut into parts, and neither even.
  product(201, 33, 190, 'tanh'),
  product(200, 64, 256, 'relu', false),
  product(7, 1001, 9),
  product(64, 400, 120, 'sigmoid'),
];
