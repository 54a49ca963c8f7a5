/**
 * Inception v3.
 * Source: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the inception architecture for computer vision,
 * arXiv 1512.00567, table 1; channels, names and details are torchvision's and Keras Applications'.
 */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { smallRandom, xavierUniform } from '../initializers/index.js';
import { AveragePooling2D } from '../layers/average-pooling2d.js';
import type { Conv2DOptions } from '../layers/conv2d.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { InceptionBlock, type InceptionBranch } from '../layers/inception-block.js';
import { type InceptionV3Shape, inceptionV3Branches } from '../layers/inception-shapes.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { Draft, type Habits } from './draft.js';
import { type AuxiliaryNetOptions, checkAuxiliary, convNorm } from './inception-parts.js';
import { setLossWeights } from './loss-weights.js';
import { widthScale } from './net-options.js';

/** Channels of the first convolution. */
const WIDTH = 32;

/** Options of inceptionV3. */
export interface InceptionV3Options extends AuxiliaryNetOptions {}

const STEM: readonly ((Omit<Conv2DOptions, 'name'> & { name: string }) | 'pool')[] = [
  { name: 'Conv2d_1a_3x3', filters: 32, kernelSize: 3, strides: 2 },
  { name: 'Conv2d_2a_3x3', filters: 32, kernelSize: 3 },
  { name: 'Conv2d_2b_3x3', filters: 64, kernelSize: 3, padding: 1 },
  'pool',
  { name: 'Conv2d_3b_1x1', filters: 80, kernelSize: 1 },
  { name: 'Conv2d_4a_3x3', filters: 192, kernelSize: 3 },
  'pool',
];

/** torchvision's names; Keras calls them mixed0, mixed1, ... in this order. */
const MODULES: readonly (readonly [name: string, shape: InceptionV3Shape])[] = [
  ['Mixed_5b', { shape: 'A', poolFilters: 32 }],
  ['Mixed_5c', { shape: 'A', poolFilters: 64 }],
  ['Mixed_5d', { shape: 'A', poolFilters: 64 }],
  ['Mixed_6a', { shape: 'B' }],
  ['Mixed_6b', { shape: 'C', filters7x7: 128 }],
  ['Mixed_6c', { shape: 'C', filters7x7: 160 }],
  ['Mixed_6d', { shape: 'C', filters7x7: 160 }],
  ['Mixed_6e', { shape: 'C', filters7x7: 192 }],
  ['Mixed_7a', { shape: 'D' }],
  ['Mixed_7b', { shape: 'E' }],
  ['Mixed_7c', { shape: 'E' }],
];

/** Behind which module the auxiliary classifier stands, and what its loss counts. */
const AUXILIARY = { behind: 'Mixed_6e', weight: 0.4 } as const;

const habits: Readonly<Record<string, Habits>> = {
  torch: {
    kernels: ({ seed }) => smallRandom({ seed, deviation: 0.1 }),
    dense: ({ seed }) => smallRandom({ seed, deviation: 0.1 }),
    normalization: { epsilon: 1e-3, momentum: 0.9, unbiasedVariance: true },
  },
  keras: {
    kernels: ({ seed }) => xavierUniform({ seed }),
    dense: ({ seed }) => xavierUniform({ seed }),
    normalization: { epsilon: 1e-3, momentum: 0.99, scale: false },
  },
};

/** Names of a convolution and its batch normalisation: torchvision's by module, Keras's by their number in the net. */
class Names {
  private count = 0;

  constructor(private readonly keras: boolean) {}

  of(path: string): [conv: string, norm: string] {
    if (!this.keras) return [`${path}.conv`, `${path}.bn`];
    const suffix = this.count === 0 ? '' : `_${this.count}`;
    this.count++;
    return [`conv2d${suffix}`, `batch_normalization${suffix}`];
  }

  /** Of all parts of a block, in order. */
  within(block: string, branches: readonly InceptionBranch[]): Record<string, string> {
    const steps = branches.flat().flatMap((step) => ('split' in step ? step.split : 'filters' in step ? [step] : []));
    return Object.fromEntries(
      steps.flatMap(({ name }) => {
        const [conv, norm] = this.of(`${block}.${name}`);
        return [
          [`${name}.conv`, conv],
          [`${name}.bn`, norm],
        ];
      }),
    );
  }
}

/**
 * Inception v3. 'torch' (default), 23,834,568 parameters, with `auxiliary: true` 27,161,264: the second output is then the
 * auxiliary classifier's, whose loss counts 0.4; dropout 0.5. 'keras', 23,851,784, of which 23,817,352 are trained: no
 * gamma, average pools that do not count padding, no dropout, no auxiliary classifier.
 */
export function inceptionV3(options: InceptionV3Options = {}): LayersModel {
  const { auxiliary = false, width = WIDTH } = options;
  const net = 'inceptionV3';
  const keras = options.variant === 'keras';
  const draft = new Draft(
    options,
    {
      net,
      variants: ['torch', 'keras'],
      inputShape: [299, 299, 3],
      // The auxiliary classifier needs maps of 17 x 17.
      smallest: auxiliary ? 299 : 75,
      dropout: keras ? 0 : 0.5,
      more: keras ? ['width'] : ['auxiliary', 'width'],
    },
    ({ variant }) => habits[variant]!,
  );
  const { includeTop, classes, classifierActivation } = draft.options;
  checkAuxiliary(net, auxiliary, includeTop);
  const channels = widthScale(net, width, WIDTH);
  const names = new Names(keras);

  const classifier = (x: SymbolicTensor): SymbolicTensor => {
    const start = (deviation: number) => ({
      kernelInitializer: draft.options.initializer ?? smallRandom({ seed: draft.seed(), deviation }),
    });
    let y = draft.through(new AveragePooling2D({ name: 'AuxLogits.pool', poolSize: 5, strides: 3 }), x);
    y = convNorm(draft, y, names.of('AuxLogits.conv0'), { filters: channels(128), kernelSize: 1 });
    y = convNorm(draft, y, names.of('AuxLogits.conv1'), { filters: channels(768), kernelSize: 5, ...start(0.01) });
    y = draft.through(new GlobalAveragePooling2D({ name: 'AuxLogits.avgpool' }), y);
    return draft.dense(y, 'AuxLogits.fc', { units: classes, activation: classifierActivation, ...start(0.001) });
  };

  let x = draft.input;
  STEM.forEach((layer, i) => {
    if (layer === 'pool') {
      x = draft.through(new MaxPooling2D({ name: `maxpool${i === 3 ? 1 : 2}`, poolSize: 3, strides: 2 }), x);
      return;
    }
    const { name, filters, ...settings } = layer;
    x = convNorm(draft, x, names.of(name), { filters: channels(filters), ...settings });
  });
  const outputs: SymbolicTensor[] = [];
  MODULES.forEach(([torchName, shape], i) => {
    const name = keras ? `mixed${i}` : torchName;
    const branches = inceptionV3Branches({ ...shape, factor: width / WIDTH, countIncludePad: !keras });
    const block = new InceptionBlock({ name, branches, names: names.within(name, branches), ...draft.blockOptions });
    x = draft.through(block, x);
    if (auxiliary && torchName === AUXILIARY.behind) outputs.push(classifier(x));
  });
  const logits = keras ? draft.head(x, 'predictions', 'avg_pool') : draft.head(x, 'fc');
  if (!auxiliary) return draft.model(logits);
  const model = draft.model([logits, ...outputs]);
  setLossWeights(model, [1, AUXILIARY.weight]);
  return model;
}
