import { serialization } from '@tensorflow/tfjs-core';
import { nonNegativeNumber } from '../../checks.js';
import { AdamFamily, type AdamFamilyOptions } from './adam-family.js';
import { adamStep } from './adam-step/adam-step.js';
import type { Inputs } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of NAdam. */
export interface NAdamOptions extends AdamFamilyOptions {
  /** Default 0.002. */
  readonly learningRate?: number;
  /** How fast the momentum rises to beta1; 0 or more. Default 0.004. */
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum. With mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2) and M_t their product so far,
 * w = w - learningRate ((1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m) / (sqrt(s / (1 - beta2^t)) + epsilon).
 * Source: PyTorch's NAdam, and its defaults; Dozat: Incorporating Nesterov momentum into Adam (2016).
 */
export class NAdam extends AdamFamily {
  static readonly className = 'CnnNAdam';
  private readonly momentumDecay: number;

  constructor(options: NAdamOptions = {}) {
    super(options, ['momentumDecay'], { learningRate: 2e-3 });
    this.momentumDecay = nonNegativeNumber(this.where, 'momentumDecay', options.momentumDecay ?? 4e-3);
  }

  private momentumAt(step: number): number {
    return this.beta1 * (1 - 0.5 * 0.96 ** (step * this.momentumDecay));
  }

  /** @internal */
  protected override count(weight: TrackedWeight): void {
    super.count(weight);
    const { state } = weight;
    state.momentumProduct = (state.momentumProduct ?? 1) * this.momentumAt(state.step);
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(adamStep, weight, inputs, ({ rate, state }) => {
      const { shares, bias2 } = this.means(state.step);
      const product = state.momentumProduct!;
      const next = this.momentumAt(state.step + 1);
      return {
        ...shares,
        rate,
        weight: next / (1 - product * next),
        blend: (1 - this.momentumAt(state.step)) / (1 - product),
        rootScale: 1 / Math.sqrt(bias2),
        epsilon: this.epsilon,
      };
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), momentumDecay: this.momentumDecay };
  }
}
serialization.registerClass(NAdam, 'tfjs-cnn');
