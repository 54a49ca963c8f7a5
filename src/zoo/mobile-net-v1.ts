/**
 * MobileNet, the first.
 * Source: Howard et al.: MobileNets: efficient convolutional neural networks for mobile vision applications, arXiv 1704.04861,
 * table 1; details as in Keras Applications' mobilenet.py.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { positiveNumber } from '../checks.js';
import { xavierUniform } from '../initializers/index.js';
import { Activation } from '../layers/activation.js';
import { DepthwiseSeparableBlock } from '../layers/depthwise-separable-block.js';
import { Flatten } from '../layers/flatten.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

/** Options of mobileNetV1. */
export interface MobileNetV1Options extends NetOptions {
  /** Factor of all channels, rounded down; default 1. */
  alpha?: number;
  /** Channels that each depthwise convolution makes of each input channel; default 1. */
  depthMultiplier?: number;
}

const habits: Habits = {
  kernels: xavierUniform,
  normalization: { epsilon: 1e-3, momentum: 0.99 },
};

/** [channels, strides] of each block. */
const BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/**
 * MobileNetV1: 4,253,864 parameters, 4,231,976 of them trained. Variant 'keras': it pads at the bottom and on the right where
 * strides are 2, and its classifier is a 1x1 convolution. Default of `dropout`: 0.001.
 */
export function mobileNetV1(options: MobileNetV1Options = {}): LayersModel {
  const traits = { net: 'mobileNetV1', variants: ['keras'], inputShape: [224, 224, 3], smallest: 32 } as const;
  const draft = new Draft(options, { ...traits, dropout: 1e-3, more: ['alpha', 'depthMultiplier'] }, () => habits);
  const alpha = positiveNumber('mobileNetV1', 'alpha', options.alpha ?? 1);
  const { depthMultiplier = 1 } = options;
  const channels = (count: number) => Math.max(1, Math.floor(count * alpha));
  let x = draft.conv(draft.input, 'conv1', { filters: channels(32), kernelSize: 3, strides: 2, padding: 'same', useBias: false });
  x = draft.norm(x, 'conv1_bn', { activation: 'relu6' });
  BLOCKS.forEach(([filters, strides], i) => {
    const block = i + 1;
    const names = {
      depthwise: `conv_dw_${block}`,
      depthwise_bn: `conv_dw_${block}_bn`,
      pointwise: `conv_pw_${block}`,
      pointwise_bn: `conv_pw_${block}_bn`,
    };
    const padding = strides === 1 ? 1 : ({ top: 0, bottom: 1, left: 0, right: 1 } as const);
    const window = { strides, padding, depthMultiplier, filters: channels(filters) };
    x = draft.through(new DepthwiseSeparableBlock({ name: `block_${block}`, names, ...window, ...draft.blockOptions }), x);
  });
  const { includeTop, classes, classifierActivation: activation } = draft.options;
  if (!includeTop) return draft.model(draft.head(x, 'conv_preds'));
  x = draft.through(new GlobalAveragePooling2D({ name: 'avgpool', keepDims: true }), x);
  x = draft.conv(draft.dropout(x, 'dropout'), 'conv_preds', { filters: classes, kernelSize: 1 });
  x = draft.through(new Flatten({ name: 'reshape_2' }), x);
  return draft.model(activation === 'linear' ? x : draft.through(new Activation({ name: 'predictions', activation }), x));
}
