/**
 * ResNets for ImageNet.
 * Source: He, Zhang, Ren, Sun: Deep residual learning for image recognition, arXiv 1512.03385, table 1.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heNormal } from '../initializers/index.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

/** Options of the ResNets. */
export interface ResNetOptions extends NetOptions {
  /** The last batch normalisation of each branch begins with gamma 0; default false. */
  zeroInitResidual?: boolean;
}

const torch: Habits = {
  kernels: ({ seed }) => heNormal({ seed, mode: 'fanOut' }),
  normalization: { epsilon: 1e-5, momentum: 0.9, unbiasedVariance: true },
};

function basicResNet(net: string, depths: readonly number[], options: ResNetOptions): LayersModel {
  const traits = { net, variants: ['torch'], inputShape: [224, 224, 3], smallest: 32, more: ['zeroInitResidual'] } as const;
  const draft = new Draft(options, traits, () => torch);
  const { zeroInitResidual = false } = options;
  let x = draft.conv(draft.input, 'conv1', { filters: 64, kernelSize: 7, strides: 2, padding: 3, useBias: false });
  x = draft.norm(x, 'bn1');
  x = draft.through(new MaxPooling2D({ name: 'maxpool', poolSize: 3, strides: 2, padding: 1 }), x);
  depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++) {
      const strides = stage > 0 && i === 0 ? 2 : 1;
      const name = `layer${stage + 1}.${i}`;
      const block = new ResidualBlock({ name, filters: 64 * 2 ** stage, strides, zeroInitResidual, ...draft.blockOptions });
      x = draft.through(block, x);
    }
  });
  return draft.model(draft.head(x, 'fc'));
}

/** ResNet-18: 11,689,512 parameters. */
export const resNet18 = (options: ResNetOptions = {}): LayersModel => basicResNet('resNet18', [2, 2, 2, 2], options);
/** ResNet-34: 21,797,672 parameters. */
export const resNet34 = (options: ResNetOptions = {}): LayersModel => basicResNet('resNet34', [3, 4, 6, 3], options);
