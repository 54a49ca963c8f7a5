/**
 * GoogLeNet, as published and as torchvision has it.
 * Source: Szegedy et al.: Going deeper with convolutions, arXiv 1409.4842, table 1 and section 5.
 */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { heNormal, smallRandom } from '../initializers/index.js';
import { AdaptiveAveragePooling2D } from '../layers/adaptive-pooling2d.js';
import { AveragePooling2D } from '../layers/average-pooling2d.js';
import type { Conv2DOptions } from '../layers/conv2d.js';
import { Flatten } from '../layers/flatten.js';
import { InceptionBlock } from '../layers/inception-block.js';
import { reducedBranches } from '../layers/inception-shapes.js';
import { LocalResponseNormalization } from '../layers/local-response-normalization.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { Draft, type Habits } from './draft.js';
import { type AuxiliaryNetOptions, checkAuxiliary, convNorm } from './inception-parts.js';
import { setLossWeights } from './loss-weights.js';
import { widthScale } from './net-options.js';

/** Options of googLeNet. */
export interface GoogLeNetOptions extends AuxiliaryNetOptions {
  /** Of the auxiliary classifiers; default 0.7. */
  auxiliaryDropout?: number;
}

/** Channels of the first convolution. */
const WIDTH = 64;

/** Channels: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool; a number: the size of a pool that halves. */
const MODULES: readonly (readonly [name: string, channels: readonly number[] | number])[] = [
  ['inception3a', [64, 96, 128, 16, 32, 32]],
  ['inception3b', [128, 128, 192, 32, 96, 64]],
  ['maxpool3', 3],
  ['inception4a', [192, 96, 208, 16, 48, 64]],
  ['inception4b', [160, 112, 224, 24, 64, 64]],
  ['inception4c', [128, 128, 256, 24, 64, 64]],
  ['inception4d', [112, 144, 288, 32, 64, 64]],
  ['inception4e', [256, 160, 320, 32, 128, 128]],
  ['maxpool4', 2],
  ['inception5a', [256, 160, 320, 32, 128, 128]],
  ['inception5b', [384, 192, 384, 48, 128, 128]],
];

/** The auxiliary classifiers, and behind which module they stand. */
const AUXILIARY: Readonly<Record<string, string>> = { inception4a: 'aux1', inception4d: 'aux2' };
const AUXILIARY_WEIGHT = 0.3;

const habits: Readonly<Record<string, Habits>> = {
  torch: {
    kernels: ({ seed }) => smallRandom({ seed, deviation: 0.01 }),
    dense: ({ seed }) => smallRandom({ seed, deviation: 0.01 }),
    normalization: { epsilon: 1e-3, momentum: 0.9, unbiasedVariance: true },
  },
  // The paper does not say how its weights began.
  paper: { kernels: ({ seed }) => heNormal({ seed }) },
};

/**
 * GoogLeNet. 'torch' (default), 6,624,904 parameters: batch normalisation, its "5x5" convolutions are 3x3, the last pool
 * is 2x2. 'paper', 6,998,552: local response normalisation, biases. With `auxiliary: true` 13,004,888 and 13,378,280;
 * the outputs are then the logits and those of the two auxiliary classifiers, whose losses count 0.3.
 * Dropout: 0.2 and 0.4.
 */
export function googLeNet(options: GoogLeNetOptions = {}): LayersModel {
  const { auxiliary = false, auxiliaryDropout = 0.7, width = WIDTH } = options;
  const net = 'googLeNet';
  const paper = options.variant === 'paper';
  const draft = new Draft(
    options,
    {
      net,
      variants: ['torch', 'paper'],
      inputShape: [224, 224, 3],
      // The paper's auxiliary classifiers begin with a 5x5 pool of what is a sixteenth of the picture.
      smallest: paper ? (auxiliary ? 79 : 31) : 15,
      dropout: paper ? 0.4 : 0.2,
      more: ['auxiliary', 'auxiliaryDropout', 'width'],
    },
    ({ variant }) => habits[variant]!,
  );
  const { includeTop, classes, classifierActivation } = draft.options;
  checkAuxiliary(net, auxiliary, includeTop);
  const channels = widthScale(net, width, WIDTH);
  if (!(auxiliaryDropout >= 0 && auxiliaryDropout < 1)) {
    throw new ArgumentError(`${net}: auxiliaryDropout must be a number in [0, 1), got ${JSON.stringify(auxiliaryDropout)}`);
  }

  const conv = (x: SymbolicTensor, name: string, settings: Omit<Conv2DOptions, 'name'>): SymbolicTensor =>
    paper
      ? draft.conv(x, name, { ...settings, activation: 'relu' })
      : convNorm(draft, x, [`${name}.conv`, `${name}.bn`], settings);
  const pool = (x: SymbolicTensor, name: string, poolSize = 3): SymbolicTensor =>
    draft.through(new MaxPooling2D({ name, poolSize, strides: 2, ceilMode: true }), x);
  const lrn = (x: SymbolicTensor, name: string): SymbolicTensor =>
    paper ? draft.through(new LocalResponseNormalization({ name, size: 5, alpha: 1e-4, beta: 0.75, k: 1 }), x) : x;
  const classifier = (x: SymbolicTensor, name: string): SymbolicTensor => {
    const pooled = paper
      ? new AveragePooling2D({ name: `${name}.pool`, poolSize: 5, strides: 3 })
      : new AdaptiveAveragePooling2D({ name: `${name}.pool`, outputSize: 4 });
    let y = conv(draft.through(pooled, x), `${name}.conv`, { filters: channels(128), kernelSize: 1 });
    y = draft.through(new Flatten({ name: `${name}.flatten` }), y);
    y = draft.dense(y, `${name}.fc1`, { units: channels(1024), activation: 'relu' });
    y = draft.dropout(y, `${name}.dropout`, auxiliaryDropout);
    return draft.dense(y, `${name}.fc2`, { units: classes, activation: classifierActivation });
  };

  let x = conv(draft.input, 'conv1', { filters: width, kernelSize: 7, strides: 2, padding: 3 });
  x = lrn(pool(x, 'maxpool1'), 'norm1');
  x = conv(x, 'conv2', { filters: channels(64), kernelSize: 1 });
  x = conv(x, 'conv3', { filters: channels(192), kernelSize: 3, padding: 1 });
  x = pool(lrn(x, 'norm2'), 'maxpool2');
  const auxiliaries: SymbolicTensor[] = [];
  for (const [name, module] of MODULES) {
    if (typeof module === 'number') {
      x = pool(x, name, paper ? 3 : module);
      continue;
    }
    const [conv1x1, reduce3x3, conv3x3, reduce5x5, conv5x5, poolChannels] = module.map(channels) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const shape = { conv1x1, reduce3x3, conv3x3, reduce5x5, conv5x5, pool: poolChannels, largest: paper ? 5 : 3 } as const;
    const branches = reducedBranches(shape);
    x = draft.through(new InceptionBlock({ name, branches, batchNorm: !paper, ...draft.blockOptions }), x);
    const head = AUXILIARY[name];
    if (auxiliary && head) auxiliaries.push(classifier(x, head));
  }
  const logits = draft.head(x, 'fc');
  if (!auxiliary) return draft.model(logits);
  const model = draft.model([logits, ...auxiliaries]);
  setLossWeights(model, [1, ...auxiliaries.map(() => AUXILIARY_WEIGHT)]);
  return model;
}
