import { serialization } from '@tensorflow/tfjs-core';
import { flag } from '../../checks.js';
import { renewable } from '../../renewal.js';
import { AdamFamily, type AdamFamilyOptions } from './adam-family.js';
import { adamDirection } from './adam-step/adam-step.js';
import type { Inputs } from './cnn-optimizer.js';
import { trustRatio } from './norms/norms.js';
import { type PlannedUpdate, planned } from './planned-update.js';
import { sgdStep } from './sgd-step/sgd-step.js';
import type { TrackedWeight } from './tracked-weight.js';
import { runUpdate } from './update-op.js';

/** Options of Lamb. */
export interface LambOptions extends AdamFamilyOptions {
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Whether biases and normalisations (rank 1 and less) have a ratio, too. Default false: theirs is 1. */
  readonly adaptBiasAndNorm?: boolean;
}

/**
 * AdamW for large batches: the direction d = m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + epsilon) + weightDecay w of each weight is
 * multiplied by |w| / |d|, or 1 where one of them is 0; w = w - learningRate |w| / |d| d. weightDecay is 0.01 by default, and not of
 * biases and normalisations (decayBiasAndNorm).
 * Source: You et al.: Large batch optimization for deep learning (2019), algorithm 2; defaults as in NVIDIA's FusedLAMB.
 */
export class Lamb extends AdamFamily {
  static readonly className = 'CnnLamb';
  /** @internal */
  protected override readonly decoupledDecay = true;
  private readonly adaptBiasAndNorm: boolean;

  constructor(options: LambOptions = {}) {
    const defaults = { learningRate: 1e-3, weightDecay: 1e-2, decayBiasAndNorm: false, epsilon: 1e-6 };
    super(options, ['adaptBiasAndNorm'], defaults);
    this.adaptBiasAndNorm = flag(this.where, 'adaptBiasAndNorm', options.adaptBiasAndNorm ?? false);
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    const { shape, size, rank } = weight.variable;
    const { value, open } = inputs;
    const direction = this.planned(adamDirection, weight, inputs, ({ weightDecay, state }) => {
      const { shares, bias1, bias2 } = this.means(state.step);
      const { epsilon } = this;
      // Minus the step that would be taken from 0 is the direction.
      return {
        ...shares,
        rate: -1,
        shrinkage: -weightDecay,
        weight: 1 / bias1,
        blend: 0,
        rootScale: 1 / Math.sqrt(bias2),
        epsilon,
      };
    });
    const [gradient, ...slots] = runUpdate(direction.op, direction.inputs, direction.geometry);
    const adapts = rank > 1 || this.adaptBiasAndNorm;
    const norms = { size, clip: Infinity, coefficient: 1, weightDecay: 0, epsilon: 0 };
    const [scale] = adapts ? runUpdate(trustRatio, { value, gradient }, norms) : [];
    const geometry = renewable(() => {
      const rate = this.learningRate * weight.settings.learningRateScale;
      return { shape, size, clip: Infinity, l1: 0, l2: 0, shrinkage: 0, rate, momentum: 0, share: 1, nesterov: false };
    });
    return planned(sgdStep, { value, gradient, scale, open }, geometry, slots);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), adaptBiasAndNorm: this.adaptBiasAndNorm };
  }
}
serialization.registerClass(Lamb, 'tfjs-cnn');
