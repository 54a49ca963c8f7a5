/**
 * Tiny Darknet: a small net for ImageNet of 1x1 and 3x3 convolutions in turn.
 * Source: J. Redmon: Darknet, tiny.cfg; names and the epsilon of normalisation as in its conversion to Keras.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heNormal } from '../initializers/index.js';
import { Activation } from '../layers/activation.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

const habits: Habits = {
  kernels: heNormal,
  normalization: { epsilon: 1e-3, momentum: 0.99 },
};

/** [channels, size of the kernel] of each convolution; a pool halves the picture. */
const LAYERS: readonly (readonly [filters: number, kernelSize: 1 | 3] | 'pool')[] = [
  [16, 3],
  'pool',
  [32, 3],
  'pool',
  ...([16, 128, 16, 128] as const).map((filters, i) => [filters, i % 2 === 0 ? 1 : 3] as const),
  'pool',
  ...([32, 256, 32, 256] as const).map((filters, i) => [filters, i % 2 === 0 ? 1 : 3] as const),
  'pool',
  ...([64, 512, 64, 512] as const).map((filters, i) => [filters, i % 2 === 0 ? 1 : 3] as const),
  [128, 1],
];

/**
 * Tiny Darknet: 1,042,104 parameters. Each convolution is followed by batch normalisation and a leaky relu of slope 0.1; the
 * classifier is a 1x1 convolution, of whose maps the means are taken. Variant 'keras'.
 */
export function tinyDarknet(options: NetOptions = {}): LayersModel {
  const traits = { net: 'tinyDarknet', variants: ['keras'], inputShape: [224, 224, 3], smallest: 16 } as const;
  const draft = new Draft(options, traits, () => habits);
  const { includeTop, classes, classifierActivation: activation } = draft.options;
  let x = draft.input;
  let [convolutions, pools] = [0, 0];
  for (const layer of LAYERS) {
    if (layer === 'pool') {
      x = draft.through(new MaxPooling2D({ name: `max_pooling2d_${++pools}`, poolSize: 2, padding: 'same' }), x);
      continue;
    }
    const [filters, kernelSize] = layer;
    const number = ++convolutions;
    x = draft.conv(x, `conv2d_${number}`, { filters, kernelSize, padding: 'same', useBias: false });
    x = draft.norm(x, `batch_normalization_${number}`, { activation: 'linear' });
    x = draft.through(new Activation({ name: `leaky_re_lu_${number}`, activation: 'leakyRelu', alpha: 0.1 }), x);
  }
  const classifier = `conv2d_${convolutions + 1}`;
  if (!includeTop) return draft.model(draft.head(x, classifier));
  x = draft.conv(draft.dropout(x, 'dropout'), classifier, { filters: classes, kernelSize: 1 });
  x = draft.through(new GlobalAveragePooling2D({ name: 'global_average_pooling2d_1' }), x);
  return draft.model(activation === 'linear' ? x : draft.through(new Activation({ name: 'predictions', activation }), x));
}
