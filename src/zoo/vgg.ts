/**
 * VGG: stacks of 3x3 convolutions.
 * Source: Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition, arXiv 1409.1556, table 1
 * (A, B, D, E); with batch normalisation as torchvision has them.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { smallRandom, xavierUniform } from '../initializers/index.js';
import { AdaptiveAveragePooling2D } from '../layers/adaptive-pooling2d.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { withDenseHead } from './dense-head.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, type Variant, widthScale } from './net-options.js';
import { heFanOut, torchNormalization } from './torch-habits.js';

/** Options of the VGG nets. */
export interface VggOptions extends NetOptions {
  /** Batch normalisation behind every convolution; torchvision's vgg.._bn. Default false. */
  batchNormalization?: boolean;
  /** Channels of the first stage, of which all others and the dense layers are multiples; default 64. */
  width?: number;
}

const STAGES = [64, 128, 256, 512, 512];

const habits: Readonly<Record<Variant, Habits>> = {
  torch: {
    kernels: heFanOut,
    dense: smallRandom,
    normalization: torchNormalization,
  },
  keras: { kernels: xavierUniform, dense: xavierUniform },
  // Weights from a normal distribution of variance 0.01 (section 3.1).
  paper: {
    kernels: ({ seed }) => smallRandom({ seed, deviation: 0.1 }),
    dense: ({ seed }) => smallRandom({ seed, deviation: 0.1 }),
  },
};

function vgg(
  net: string,
  depths: readonly number[],
  variants: readonly [Variant, ...Variant[]],
  options: VggOptions,
): LayersModel {
  const { variant = variants[0], batchNormalization = false, width = 64 } = options;
  const keras = variant === 'keras';
  const traits = {
    net,
    variants: batchNormalization ? (['torch'] as const) : variants,
    inputShape: [224, 224, 3],
    smallest: 32,
    // torchvision averages the last maps to 7 x 7, whatever the picture's size.
    fixedSize: variant !== 'torch',
    dropout: keras ? 0 : 0.5,
    more: ['batchNormalization', 'width'],
  } as const;
  const draft = new Draft(options, traits, ({ variant }) => habits[variant]);
  const channels = widthScale(net, width, 64);
  let x = draft.input;
  // torchvision numbers what stands in its list: convolutions, normalisations, relus and pools.
  let place = 0;
  depths.forEach((depth, stage) => {
    for (let i = 1; i <= depth; i++) {
      const filters = channels(STAGES[stage]!);
      const name = keras ? `block${stage + 1}_conv${i}` : `features.${place}`;
      const activation = batchNormalization ? 'linear' : 'relu';
      x = draft.conv(x, name, { filters, kernelSize: 3, padding: 1, activation });
      if (batchNormalization) x = draft.norm(x, `features.${place + 1}`);
      place += batchNormalization ? 3 : 2;
    }
    x = draft.through(new MaxPooling2D({ name: keras ? `block${stage + 1}_pool` : `features.${place++}` }), x);
  });
  if (variant === 'torch' && draft.options.includeTop) {
    x = draft.through(new AdaptiveAveragePooling2D({ name: 'avgpool', outputSize: 7 }), x);
  }
  const names = keras ? (['fc1', 'fc2', 'predictions'] as const) : (['classifier.0', 'classifier.3', 'classifier.6'] as const);
  return withDenseHead(draft, x, { names, units: channels(4096) });
}

/** VGG-11 (A): 132,863,336 parameters, 132,868,840 with batch normalisation. Variants 'torch' (default), 'paper'. */
export const vgg11 = (options: VggOptions = {}): LayersModel => vgg('vgg11', [1, 1, 2, 2, 2], ['torch', 'paper'], options);
/** VGG-13 (B): 133,047,848 parameters, 133,053,736 with batch normalisation. Variants 'torch' (default), 'paper'. */
export const vgg13 = (options: VggOptions = {}): LayersModel => vgg('vgg13', [2, 2, 2, 2, 2], ['torch', 'paper'], options);
/** VGG-16 (D): 138,357,544 parameters, 138,365,992 with batch normalisation. Variants 'torch' (default), 'keras', 'paper'. */
export const vgg16 = (options: VggOptions = {}): LayersModel =>
  vgg('vgg16', [2, 2, 3, 3, 3], ['torch', 'keras', 'paper'], options);
/** VGG-19 (E): 143,667,240 parameters, 143,678,248 with batch normalisation. Variants 'torch' (default), 'keras', 'paper'. */
export const vgg19 = (options: VggOptions = {}): LayersModel =>
  vgg('vgg19', [2, 2, 4, 4, 4], ['torch', 'keras', 'paper'], options);
