import { serialization } from '@tensorflow/tfjs-core';
import { AdamFamily, type AdamFamilyOptions } from './adam-family.js';
import { adamaxStep } from './adamax-step/adamax-step.js';
import type { Inputs } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of Adamax. */
export interface AdamaxOptions extends AdamFamilyOptions {
  /** Default 0.002. */
  readonly learningRate?: number;
}

/**
 * Adam in the infinity norm: u = max(beta2 u, |g| + epsilon); w = w - learningRate m / (1 - beta1^t) / u.
 * Source: PyTorch's Adamax, and its defaults; Kingma, Ba: Adam (2014), section 7.
 */
export class Adamax extends AdamFamily {
  static readonly className = 'CnnAdamax';
  /** @internal */
  protected override slotNames: readonly string[] = ['mean', 'largest'];

  constructor(options: AdamaxOptions = {}) {
    super(options, [], { learningRate: 2e-3 });
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(adamaxStep, weight, inputs, ({ rate, state }) => {
      const { shares, bias1 } = this.means(state.step);
      const { beta2, epsilon } = this;
      return { rate: rate / bias1, share: shares.share, beta2, epsilon };
    });
  }
}
serialization.registerClass(Adamax, 'tfjs-cnn');
