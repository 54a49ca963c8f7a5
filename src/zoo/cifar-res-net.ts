/**
 * The small ResNets for CIFAR-10.
 * Source: He, Zhang, Ren, Sun: Deep residual learning for image recognition, arXiv 1512.03385, section 4.2.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { heNormal } from '../initializers/index.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

/** Options of the CIFAR ResNets. */
export interface CifarResNetOptions extends NetOptions {
  /** Where size and channels change: 'A' (default, the paper's), zeros for the new channels, or 'B', a projection. */
  shortcut?: 'A' | 'B';
}

const habits: Habits = {
  kernels: ({ seed }) => heNormal({ seed }),
  normalization: { epsilon: 1e-5, momentum: 0.9, unbiasedVariance: true },
};

/** 6n + 2 layers. */
function cifarResNet(net: string, n: number, options: CifarResNetOptions): LayersModel {
  const { shortcut = 'A' } = options;
  if (shortcut !== 'A' && shortcut !== 'B')
    throw new ArgumentError(`${net}: shortcut must be 'A' or 'B', got ${JSON.stringify(shortcut)}`);
  const inputShape = [32, 32, 3] as const;
  const draft = new Draft(
    options,
    { net, variants: ['paper', 'torch'], inputShape, smallest: 4, classes: 10, more: ['shortcut'] },
    () => habits,
  );
  let x = draft.conv(draft.input, 'conv1', { filters: 16, kernelSize: 3, padding: 1, useBias: false });
  x = draft.norm(x, 'bn1');
  for (let stage = 0; stage < 3; stage++) {
    for (let i = 0; i < n; i++) {
      const first = stage > 0 && i === 0;
      const block = new ResidualBlock({
        name: `layer${stage + 1}.${i}`,
        filters: 16 * 2 ** stage,
        strides: first ? 2 : 1,
        shortcut: first ? (shortcut === 'A' ? 'zeroPadded' : 'projection') : 'identity',
        ...draft.blockOptions,
      });
      x = draft.through(block, x);
    }
  }
  return draft.model(draft.head(x, 'linear'));
}

/** 20 layers: 269,722 parameters with shortcut A, 272,474 with B. */
export const cifarResNet20 = (options: CifarResNetOptions = {}): LayersModel => cifarResNet('cifarResNet20', 3, options);
/** 32 layers: 464,154 parameters with shortcut A, 466,906 with B. */
export const cifarResNet32 = (options: CifarResNetOptions = {}): LayersModel => cifarResNet('cifarResNet32', 5, options);
/** 44 layers: 658,586 parameters with shortcut A, 661,338 with B. */
export const cifarResNet44 = (options: CifarResNetOptions = {}): LayersModel => cifarResNet('cifarResNet44', 7, options);
/** 56 layers: 853,018 parameters with shortcut A, 855,770 with B. */
export const cifarResNet56 = (options: CifarResNetOptions = {}): LayersModel => cifarResNet('cifarResNet56', 9, options);
/** 110 layers: 1,727,962 parameters with shortcut A, 1,730,714 with B. */
export const cifarResNet110 = (options: CifarResNetOptions = {}): LayersModel => cifarResNet('cifarResNet110', 18, options);
