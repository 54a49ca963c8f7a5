import { serialization } from '@tensorflow/tfjs-core';
import { AdamFamily, type AdamFamilyOptions } from './adam-family.js';
import { adamStep } from './adam-step/adam-step.js';
import type { Inputs } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of RAdam. */
export interface RAdamOptions extends AdamFamilyOptions {
  /** Default 0.001. */
  readonly learningRate?: number;
}

/**
 * Rectified Adam: while the mean square is of too few gradients to be trusted, w = w - learningRate m / (1 - beta1^t); then Adam's step
 * times r = sqrt((p - 4) (p - 2) q / ((q - 4) (q - 2) p)), q = 2 / (1 - beta2) - 1, p = q - 2 t beta2^t / (1 - beta2^t) > 5.
 * Source: PyTorch's RAdam, and its defaults; Liu et al.: On the variance of the adaptive learning rate (2019).
 */
export class RAdam extends AdamFamily {
  static readonly className = 'CnnRAdam';

  constructor(options: RAdamOptions = {}) {
    super(options, [], { learningRate: 1e-3 });
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(adamStep, weight, inputs, ({ rate, state: { step } }) => {
      const { shares, bias1, bias2 } = this.means(step);
      const common = { ...shares, weight: 1, blend: 0 };
      const q = 2 / (1 - this.beta2) - 1;
      const p = q - (2 * step * this.beta2 ** step) / bias2;
      if (p <= 5) return { ...common, rate: rate / bias1, rootScale: 0, epsilon: 1 };
      const rectification = Math.sqrt(((p - 4) * (p - 2) * q) / ((q - 4) * (q - 2) * p));
      // As PyTorch has it, epsilon is added to the root before its bias is corrected.
      return { ...common, rate: (rate * rectification * Math.sqrt(bias2)) / bias1, rootScale: 1, epsilon: this.epsilon };
    });
  }
}
serialization.registerClass(RAdam, 'tfjs-cnn');
