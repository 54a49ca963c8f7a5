/**
 * The DenseNets for CIFAR-10.
 * Source: Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks, arXiv 1608.06993, section 3.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heNormal } from '../initializers/index.js';
import { DenseBlock } from '../layers/dense-block.js';
import { TransitionBlock } from '../layers/transition-block.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, repeats } from './net-options.js';
import { torchNormalization } from './torch-habits.js';

/** Options of cifarDenseNet. */
export interface CifarDenseNetOptions extends NetOptions {
  /** Convolutions and the dense layer: 3n + 4, with bottlenecks 6n + 4; L in the paper; default 40. */
  depth?: number;
  /** Channels that each dense layer adds; k in the paper; default 12. */
  growthRate?: number;
  /** A 1x1 convolution to 4 * growthRate channels before each 3x3 one: B in the paper; default false. */
  bottleneck?: boolean;
  /** How many of the channels a transition leaves, in (0, 1]; default 1, with bottlenecks 0.5: C in the paper. */
  compression?: number;
}

const habits: Habits = {
  kernels: heNormal,
  normalization: torchNormalization,
};

/** Convolutions outside of the dense blocks, and the dense layer. */
const OUTSIDE = 4;
const BLOCKS = 3;

/**
 * DenseNet for small pictures, three dense blocks: 1,019,722 parameters by default (L = 40, k = 12); 769,162 with
 * {depth: 100, bottleneck: true} (BC), 25,624,430 with {depth: 190, growthRate: 40, bottleneck: true}. Variant 'paper';
 * names are as torchvision's other DenseNets have them. Where pictures are not augmented the paper has dropout 0.2, which
 * comes behind every convolution but the first; default 0.
 *
 * @throws ArgumentError for a depth that no number of layers a block gives
 */
export function cifarDenseNet(options: CifarDenseNetOptions = {}): LayersModel {
  const { depth = 40, growthRate = 12, bottleneck = false, compression = bottleneck ? 0.5 : 1 } = options;
  const layers = repeats('cifarDenseNet', depth, BLOCKS * (bottleneck ? 2 : 1), OUTSIDE);
  const more = ['depth', 'growthRate', 'bottleneck', 'compression'];
  const traits = { net: 'cifarDenseNet', variants: ['paper'], inputShape: [32, 32, 3], smallest: 4, classes: 10, more } as const;
  const draft = new Draft(options, traits, () => habits);
  const { dropout } = draft.options;
  const filters = bottleneck ? 2 * growthRate : 16;
  let x = draft.conv(draft.input, 'features.conv0', { filters, kernelSize: 3, padding: 1, useBias: false });
  for (let block = 1; block <= BLOCKS; block++) {
    x = draft.through(
      new DenseBlock({
        name: `features.denseblock${block}`,
        layers,
        growthRate,
        bottleneck: bottleneck ? 4 : 0,
        dropout,
        bottleneckDropout: dropout,
        seed: draft.seed(),
        ...draft.blockOptions,
      }),
      x,
    );
    if (block === BLOCKS) continue;
    const name = `features.transition${block}`;
    x = draft.through(new TransitionBlock({ name, compression, dropout, seed: draft.seed(), ...draft.blockOptions }), x);
  }
  x = draft.norm(x, 'features.norm_final');
  return draft.model(draft.head(x, 'classifier', 'avgpool', 0));
}
