/** The published shapes of inception blocks, as branches. */
import { ArgumentError } from '../geometry.js';
import type { ConvolutionStep } from './basic-conv-block.js';
import type { InceptionBranch, PoolingStep } from './inception-block.js';

/** Channels of a naive inception block: its pool adds all channels of the input. */
export interface NaiveShape {
  /** Channels of the 1x1 convolution. */
  conv1x1: number;
  /** Channels of the 3x3 convolution. */
  conv3x3: number;
  /** Channels of the 5x5 convolution. */
  conv5x5: number;
}

/** Channels of GoogLeNet's inception block, in the order of the paper's table 1. */
export interface ReducedShape extends NaiveShape {
  /** Channels of the 1x1 convolution before the 3x3. */
  reduce3x3: number;
  /** Channels of the 1x1 convolution before the 5x5. */
  reduce5x5: number;
  /** Channels of the 1x1 convolution behind the pool. */
  pool: number;
  /** Size of the largest convolution: 5 (default), or 3, as torchvision has it. */
  largest?: 3 | 5;
}

/** What all blocks of Inception v3 can be told. */
export interface InceptionV3Common {
  /** Factor of all channels; default 1. */
  factor?: number;
  /** Whether average pools count the zeros around the picture: true (default) in PyTorch, false in TensorFlow. */
  countIncludePad?: boolean;
}

/** 1x1 | 1x1, 5x5 | 1x1, 3x3, 3x3 | average pool, 1x1; of maps of 35 x 35. */
export interface InceptionV3A extends InceptionV3Common {
  /** Torchvision's InceptionA. */
  shape: 'A';
  /** Channels behind the pool: 32 or 64. */
  poolFilters: number;
}

/** 1x1 | 1x1, 1x7, 7x1 | 1x1, 7x1, 1x7, 7x1, 1x7 | average pool, 1x1; of maps of 17 x 17. */
export interface InceptionV3C extends InceptionV3Common {
  /** Torchvision's InceptionC. */
  shape: 'C';
  /** Channels inside of the branches: 128 to 192. */
  filters7x7: number;
}

/** B: from 35 x 35 to 17 x 17; D: from there to 8 x 8; E: 3x3 convolutions split into 1x3 and 3x1, of maps of 8 x 8. */
export interface InceptionV3BDE extends InceptionV3Common {
  /** Torchvision's InceptionB, InceptionD or InceptionE. */
  shape: 'B' | 'D' | 'E';
}

/** Which block of Inception v3. */
export type InceptionV3Shape = InceptionV3A | InceptionV3BDE | InceptionV3C;

/** 1x1 | 3x3 | 5x5 | max pool. Source: arXiv 1409.4842, figure 2a. */
export function naiveBranches({ conv1x1, conv3x3, conv5x5 }: NaiveShape): InceptionBranch[] {
  return [
    [{ filters: conv1x1, kernelSize: 1 }],
    [{ filters: conv3x3, kernelSize: 3, padding: 1 }],
    [{ filters: conv5x5, kernelSize: 5, padding: 2 }],
    [{ type: 'max', size: 3, padding: 1 }],
  ];
}

/** 1x1 | 1x1, 3x3 | 1x1, 5x5 | max pool, 1x1. Source: arXiv 1409.4842, figure 2b. */
export function reducedBranches(shape: ReducedShape): InceptionBranch[] {
  const { conv1x1, reduce3x3, conv3x3, reduce5x5, conv5x5, pool, largest = 5 } = shape;
  return [
    [{ filters: conv1x1, kernelSize: 1 }],
    [
      { filters: reduce3x3, kernelSize: 1 },
      { filters: conv3x3, kernelSize: 3, padding: 1 },
    ],
    [
      { filters: reduce5x5, kernelSize: 1 },
      { filters: conv5x5, kernelSize: largest, padding: (largest - 1) / 2 },
    ],
    [
      { type: 'max', size: 3, padding: 1 },
      { filters: pool, kernelSize: 1 },
    ],
  ];
}

/** Source: arXiv 1512.00567, figures 5, 6, 7 and 10; names and channels are torchvision's. */
export function inceptionV3Branches(options: InceptionV3Shape): InceptionBranch[] {
  const { shape, factor = 1, countIncludePad = true } = options;
  /** As large as its input, unless padding and strides say otherwise. */
  const conv = (name: string, channels: number, height: number, kernelWidth = height): ConvolutionStep => ({
    name,
    filters: Math.max(1, Math.round(channels * factor)),
    kernelSize: [height, kernelWidth],
    padding: [(height - 1) / 2, (kernelWidth - 1) / 2],
  });
  const halving = (name: string, channels: number): ConvolutionStep => ({
    ...conv(name, channels, 3),
    strides: 2,
    padding: 'valid',
  });
  const avgPool: PoolingStep = { type: 'avg', size: 3, padding: 1, countIncludePad };
  const maxPool: PoolingStep = { type: 'max', size: 3, strides: 2 };
  switch (shape) {
    case 'A':
      return [
        [conv('branch1x1', 64, 1)],
        [conv('branch5x5_1', 48, 1), conv('branch5x5_2', 64, 5)],
        [conv('branch3x3dbl_1', 64, 1), conv('branch3x3dbl_2', 96, 3), conv('branch3x3dbl_3', 96, 3)],
        [avgPool, conv('branch_pool', options.poolFilters, 1)],
      ];
    case 'B':
      return [
        [halving('branch3x3', 384)],
        [conv('branch3x3dbl_1', 64, 1), conv('branch3x3dbl_2', 96, 3), halving('branch3x3dbl_3', 96)],
        [maxPool],
      ];
    case 'C': {
      const { filters7x7 } = options;
      return [
        [conv('branch1x1', 192, 1)],
        [conv('branch7x7_1', filters7x7, 1), conv('branch7x7_2', filters7x7, 1, 7), conv('branch7x7_3', 192, 7, 1)],
        [
          conv('branch7x7dbl_1', filters7x7, 1),
          conv('branch7x7dbl_2', filters7x7, 7, 1),
          conv('branch7x7dbl_3', filters7x7, 1, 7),
          conv('branch7x7dbl_4', filters7x7, 7, 1),
          conv('branch7x7dbl_5', 192, 1, 7),
        ],
        [avgPool, conv('branch_pool', 192, 1)],
      ];
    }
    case 'D':
      return [
        [conv('branch3x3_1', 192, 1), halving('branch3x3_2', 320)],
        [
          conv('branch7x7x3_1', 192, 1),
          conv('branch7x7x3_2', 192, 1, 7),
          conv('branch7x7x3_3', 192, 7, 1),
          halving('branch7x7x3_4', 192),
        ],
        [maxPool],
      ];
    case 'E':
      return [
        [conv('branch1x1', 320, 1)],
        [conv('branch3x3_1', 384, 1), { split: [conv('branch3x3_2a', 384, 1, 3), conv('branch3x3_2b', 384, 3, 1)] }],
        [
          conv('branch3x3dbl_1', 448, 1),
          conv('branch3x3dbl_2', 384, 3),
          { split: [conv('branch3x3dbl_3a', 384, 1, 3), conv('branch3x3dbl_3b', 384, 3, 1)] },
        ],
        [avgPool, conv('branch_pool', 192, 1)],
      ];
    default:
      throw new ArgumentError(`inceptionV3Block: shape must be one of A, B, C, D, E, got ${JSON.stringify(shape)}`);
  }
}
