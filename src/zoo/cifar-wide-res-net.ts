/**
 * Wide ResNets for CIFAR.
 * Source: Zagoruyko, Komodakis: Wide residual networks, arXiv 1605.07146, table 1. Names are those of xternalz' WideResNet-pytorch.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { positiveInteger } from '../checks.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Draft, type Habits } from './draft.js';
import { type NetOptions, repeats } from './net-options.js';
import { heFanOut, torchNormalization } from './torch-habits.js';

/** Options of cifarWideResNet; `dropout` is that between the convolutions of each block, default 0 (the paper's other choice: 0.3). */
export interface CifarWideResNetOptions extends NetOptions {
  /** Layers with weights but for the shortcuts', 6n + 4; default 28. */
  depth?: number;
  /** How many times wider than a ResNet of 16, 32 and 64 channels; k in the paper; default 10. */
  widenFactor?: number;
}

const habits: Habits = {
  kernels: heFanOut,
  normalization: torchNormalization,
};

/** WRN-28-10: 36,479,194 parameters; WRN-16-8: 10,961,370. Variants 'paper' (default) and 'torch' are one net. */
export function cifarWideResNet(options: CifarWideResNetOptions = {}): LayersModel {
  const { depth = 28, widenFactor = 10 } = options;
  const net = 'cifarWideResNet';
  const n = repeats(net, depth, 6, 4);
  positiveInteger(net, 'widenFactor', widenFactor);
  const draft = new Draft(
    options,
    { net, variants: ['paper', 'torch'], inputShape: [32, 32, 3], smallest: 4, classes: 10, more: ['depth', 'widenFactor'] },
    () => habits,
  );
  const { dropout } = draft.options;
  let x = draft.conv(draft.input, 'conv1', { filters: 16, kernelSize: 3, padding: 1, useBias: false });
  for (let stage = 0; stage < 3; stage++) {
    for (let i = 0; i < n; i++) {
      const name = `block${stage + 1}.layer.${i}`;
      const changes = i === 0 && (stage > 0 || widenFactor > 1);
      const block = new ResidualBlock({
        name,
        names: { 'downsample.0': `${name}.convShortcut` },
        filters: 16 * widenFactor * 2 ** stage,
        strides: stage > 0 && i === 0 ? 2 : 1,
        shortcut: changes ? 'projection' : 'identity',
        preActivation: true,
        dropout,
        seed: draft.seed(),
        ...draft.blockOptions,
      });
      x = draft.through(block, x);
    }
  }
  return draft.model(draft.head(draft.norm(x, 'bn1'), 'fc', 'avgpool', 0));
}
