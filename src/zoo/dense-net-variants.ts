/** What differs between torchvision's and Keras Applications' DenseNets (their densenet.py). */
import { heNormal, xavierUniform } from '../initializers/index.js';
import type { Habits } from './draft.js';
import { torchNormalization } from './torch-habits.js';

/** Names of layers, by which checkpoints know them; blocks and their layers count from 1. */
interface Names {
  readonly stemConv: string;
  readonly stemNorm: string;
  readonly stemPool: string;
  readonly block: (block: number) => string;
  readonly transition: (block: number) => string;
  /** Of the parts of a dense layer and a transition, where they are not what torchvision calls them. */
  readonly layerParts?: (block: string, layer: number) => Record<string, string>;
  readonly transitionParts?: (transition: string) => Record<string, string>;
  readonly lastNorm: string;
  readonly pool: string;
  readonly classifier: string;
}

/** One of the published variants. */
export interface DenseNetVariant {
  readonly habits: Habits;
  readonly names: Names;
}

const torch: DenseNetVariant = {
  habits: {
    kernels: heNormal,
    normalization: torchNormalization,
  },
  names: {
    stemConv: 'features.conv0',
    stemNorm: 'features.norm0',
    stemPool: 'features.pool0',
    block: (block) => `features.denseblock${block}`,
    transition: (block) => `features.transition${block}`,
    lastNorm: 'features.norm5',
    pool: 'avgpool',
    classifier: 'classifier',
  },
};

const keras: DenseNetVariant = {
  habits: {
    kernels: xavierUniform,
    dense: xavierUniform,
    normalization: { epsilon: 1.001e-5, momentum: 0.99 },
  },
  names: {
    stemConv: 'conv1_conv',
    stemNorm: 'conv1_bn',
    stemPool: 'pool1',
    // The first convolution is stage 1.
    block: (block) => `conv${block + 1}`,
    transition: (block) => `pool${block + 1}`,
    layerParts(block, layer) {
      const name = `${block}_block${layer}`;
      return { norm1: `${name}_0_bn`, conv1: `${name}_1_conv`, norm2: `${name}_1_bn`, conv2: `${name}_2_conv` };
    },
    transitionParts: (name) => ({ norm: `${name}_bn`, conv: `${name}_conv`, pool: `${name}_pool` }),
    lastNorm: 'bn',
    pool: 'avg_pool',
    classifier: 'predictions',
  },
};

export const denseNetVariants = { torch, keras };
