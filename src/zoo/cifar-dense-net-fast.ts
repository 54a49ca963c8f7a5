/**
 * The DenseNet for CIFAR-10 without batch normalisation inside of its dense layers.
 * Source: S. Majumdar's DenseNet for Keras 1 (titu1994), "fast"; after Huang et al., arXiv 1608.06993.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heUniform, xavierUniform } from '../initializers/index.js';
import { Activation } from '../layers/activation.js';
import { AveragePooling2D } from '../layers/average-pooling2d.js';
import { DenseBlock } from '../layers/dense-block.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, repeats } from './net-options.js';

/** Options of cifarDenseNetFast. */
export interface CifarDenseNetFastOptions extends NetOptions {
  /** Convolutions and the dense layer, 3n + 4; default 40. */
  depth?: number;
  /** Channels that each dense layer adds; default 12. */
  growthRate?: number;
}

const habits: Habits = {
  kernels: heUniform,
  dense: xavierUniform,
  normalization: { epsilon: 1e-3, momentum: 0.99 },
};

const BLOCKS = 3;

/**
 * DenseNet for small pictures in which batch normalisation stands behind the first convolution and each transition only, and relu before
 * each convolution of a dense layer: 1,002,586 parameters by default (40 layers, 12 channels each). Variant 'keras'; layers
 * are called as Keras 1 numbered them.
 *
 * @throws ArgumentError for a depth that no number of layers a block gives
 */
export function cifarDenseNetFast(options: CifarDenseNetFastOptions = {}): LayersModel {
  const { depth = 40, growthRate = 12 } = options;
  const net = 'cifarDenseNetFast';
  const layers = repeats(net, depth, BLOCKS, 4);
  const more = ['depth', 'growthRate'];
  const traits = { net, variants: ['keras'], inputShape: [32, 32, 3], smallest: 4, classes: 10, more } as const;
  const draft = new Draft(options, traits, () => habits);
  const { dropout } = draft.options;
  let convolutions = 0;
  const nextConvolution = () => `convolution2d_${++convolutions}`;
  let x = draft.conv(draft.input, 'initial_conv2D', { filters: 16, kernelSize: 3, padding: 1, useBias: false });
  x = draft.norm(x, 'batchnormalization_1', { activation: 'linear' });
  for (let block = 1; block <= BLOCKS; block++) {
    const names = Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [`denselayer${layer + 1}.conv1`, nextConvolution()]),
    );
    const growth = { layers, growthRate, bottleneck: 0, batchNorm: false, dropout };
    x = draft.through(new DenseBlock({ name: `block${block}`, names, ...growth, seed: draft.seed(), ...draft.blockOptions }), x);
    if (block === BLOCKS) break;
    x = draft.conv(x, nextConvolution(), { filters: x.shape[3]!, kernelSize: 1, useBias: false });
    x = draft.dropout(x, `dropout_${block}`);
    x = draft.through(new AveragePooling2D({ name: `averagepooling2d_${block}` }), x);
    x = draft.norm(x, `batchnormalization_${block + 1}`, { activation: 'linear' });
  }
  x = draft.through(new Activation({ name: 'relu', activation: 'relu' }), x);
  return draft.model(draft.head(x, 'dense_1', 'globalaveragepooling2d_1', 0));
}
