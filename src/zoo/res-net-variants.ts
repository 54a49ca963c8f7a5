/**
 * What differs between the published ResNets of one size.
 * Sources: torchvision's resnet.py (v1.5); Keras Applications' resnet.py (v1 and v2); He et al., arXiv 1512.03385 and, for v2, 1603.05027.
 */
import { heNormal, xavierUniform } from '../initializers/index.js';
import type { Habits } from './draft.js';
import type { Variant } from './net-options.js';
import { heFanOut, torchNormalization } from './torch-habits.js';

/** Names of layers, by which checkpoints know them. */
interface Names {
  readonly stemConv: string;
  readonly stemNorm: string;
  readonly stemPool: string;
  readonly lastNorm: string;
  readonly averagePool: string;
  readonly classifier: string;
  /** Both count from 0. */
  readonly block: (stage: number, index: number) => string;
  /** Of the parts of a block, where they are not what torchvision calls them. */
  readonly parts?: (block: string) => Record<string, string>;
}

/** One of the published nets, but for its size. */
export interface ResNetVariant {
  readonly habits: Habits;
  readonly useBias: boolean;
  /** Which convolution of a bottleneck has the stride. */
  readonly strideIn: 'first' | 'second';
  /** Where the picture is halved: in the first block of each stage but the first, or in the last of each but the last. */
  readonly strideAt: 'firstBlock' | 'lastBlock';
  /** Whether the zeros around the first pool's input can be its largest values, as Keras pads. */
  readonly poolsZeros: boolean;
  readonly names: Names;
}

const torch: ResNetVariant = {
  habits: {
    kernels: heFanOut,
    normalization: torchNormalization,
  },
  useBias: false,
  strideIn: 'second',
  strideAt: 'firstBlock',
  poolsZeros: false,
  names: {
    stemConv: 'conv1',
    stemNorm: 'bn1',
    stemPool: 'maxpool',
    lastNorm: 'norm',
    averagePool: 'avgpool',
    classifier: 'fc',
    block: (stage, index) => `layer${stage + 1}.${index}`,
  },
};

const paper: ResNetVariant = {
  ...torch,
  habits: { ...torch.habits, kernels: heNormal, dense: heNormal },
  strideIn: 'first',
};

const keras: ResNetVariant = {
  habits: { kernels: xavierUniform, dense: xavierUniform, normalization: { epsilon: 1.001e-5, momentum: 0.99 } },
  useBias: true,
  strideIn: 'first',
  strideAt: 'firstBlock',
  // After relu a zero is never larger than what stands beside it.
  poolsZeros: false,
  names: {
    stemConv: 'conv1_conv',
    stemNorm: 'conv1_bn',
    stemPool: 'pool1_pool',
    lastNorm: 'post_bn',
    averagePool: 'avg_pool',
    classifier: 'predictions',
    block: (stage, index) => `conv${stage + 2}_block${index + 1}`,
    parts: (block) => ({
      conv1: `${block}_1_conv`,
      bn1: `${block}_1_bn`,
      conv2: `${block}_2_conv`,
      bn2: `${block}_2_bn`,
      conv3: `${block}_3_conv`,
      bn3: `${block}_3_bn`,
      'downsample.0': `${block}_0_conv`,
      'downsample.1': `${block}_0_bn`,
    }),
  },
};

const kerasV2: ResNetVariant = {
  ...keras,
  strideIn: 'second',
  strideAt: 'lastBlock',
  poolsZeros: true,
  names: {
    ...keras.names,
    parts: (block) => ({
      bn1: `${block}_preact_bn`,
      conv1: `${block}_1_conv`,
      bn2: `${block}_1_bn`,
      conv2: `${block}_2_conv`,
      bn3: `${block}_2_bn`,
      conv3: `${block}_3_conv`,
      'downsample.0': `${block}_0_conv`,
    }),
  },
};

/** With normalisation behind the convolutions. */
export const v1: Readonly<Record<Variant, ResNetVariant>> = { torch, keras, paper };

/** With normalisation before them; torchvision has none of these. */
export const v2: Readonly<Partial<Record<Variant, ResNetVariant>>> = { keras: kerasV2, paper: { ...paper, strideIn: 'second' } };
