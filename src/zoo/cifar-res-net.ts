/**
 * The small ResNets for CIFAR-10.
 * Sources: He, Zhang, Ren, Sun: Deep residual learning for image recognition, arXiv 1512.03385, section 4.2; with preActivation: by the
 * same, Identity mappings in deep residual networks, arXiv 1603.05027. Names are those of akamaster's checkpoints.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf } from '../checks.js';
import { heNormal } from '../initializers/index.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, repeats, widthScale } from './net-options.js';
import { torchNormalization } from './torch-habits.js';

/** Options of the CIFAR ResNets. */
export interface CifarResNetOptions extends NetOptions {
  /** Where size and channels change: 'A' (default, the paper's), zeros for the new channels, or 'B', a projection. */
  shortcut?: 'A' | 'B';
  /** Channels of the first of three stages, each of which has twice those of the one before; default 16. */
  width?: number;
  /** v2: normalisation and relu before each convolution; default false. */
  preActivation?: boolean;
  /** The last batch normalisation of each branch begins with gamma 0; default false. Not with preActivation. */
  zeroInitResidual?: boolean;
}

/** Options of cifarResNet. */
export interface AnyCifarResNetOptions extends CifarResNetOptions {
  /** Layers with weights, 6n + 2. */
  depth: number;
}

const habits: Habits = {
  kernels: heNormal,
  dense: heNormal,
  normalization: torchNormalization,
};

function build(net: string, depth: number, options: CifarResNetOptions): LayersModel {
  const { shortcut = 'A', width = 16, preActivation = false, zeroInitResidual = false } = options;
  const n = repeats(net, depth, 6, 2);
  const changing = oneOf(net, 'shortcut', shortcut, ['A', 'B']) === 'A' ? 'zeroPadded' : 'projection';
  const scaled = widthScale(net, width, 16);
  const more = ['shortcut', 'width', 'preActivation', 'zeroInitResidual'];
  const inputShape = [32, 32, 3] as const;
  const draft = new Draft(
    options,
    { net, variants: ['paper', 'torch'], inputShape, smallest: 4, classes: 10, more },
    () => habits,
  );
  let x = draft.conv(draft.input, 'conv1', { filters: scaled(16), kernelSize: 3, padding: 1, useBias: false });
  if (!preActivation) x = draft.norm(x, 'bn1');
  for (let stage = 0; stage < 3; stage++) {
    for (let i = 0; i < n; i++) {
      const changes = stage > 0 && i === 0;
      const name = `layer${stage + 1}.${i}`;
      const block = new ResidualBlock({
        name,
        names: { 'downsample.0': `${name}.shortcut.0`, 'downsample.1': `${name}.shortcut.1` },
        filters: scaled(16 * 2 ** stage),
        strides: changes ? 2 : 1,
        shortcut: changes ? changing : 'identity',
        preActivation,
        zeroInitResidual,
        ...draft.blockOptions,
      });
      x = draft.through(block, x);
    }
  }
  if (preActivation) x = draft.norm(x, 'bn1');
  return draft.model(draft.head(x, 'linear'));
}

/** A ResNet of any depth for CIFAR-10. Variants 'paper' (default) and 'torch' are one net. */
export function cifarResNet({ depth, ...options }: AnyCifarResNetOptions): LayersModel {
  return build('cifarResNet', depth, options);
}

/** 20 layers: 269,722 parameters with shortcut A, 272,474 with B. */
export const cifarResNet20 = (options: CifarResNetOptions = {}): LayersModel => build('cifarResNet20', 20, options);
/** 32 layers: 464,154 parameters with shortcut A, 466,906 with B. */
export const cifarResNet32 = (options: CifarResNetOptions = {}): LayersModel => build('cifarResNet32', 32, options);
/** 44 layers: 658,586 parameters with shortcut A, 661,338 with B. */
export const cifarResNet44 = (options: CifarResNetOptions = {}): LayersModel => build('cifarResNet44', 44, options);
/** 56 layers: 853,018 parameters with shortcut A, 855,770 with B. */
export const cifarResNet56 = (options: CifarResNetOptions = {}): LayersModel => build('cifarResNet56', 56, options);
/** 110 layers: 1,727,962 parameters with shortcut A, 1,730,714 with B. */
export const cifarResNet110 = (options: CifarResNetOptions = {}): LayersModel => build('cifarResNet110', 110, options);
