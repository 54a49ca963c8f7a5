import { serialization } from '@tensorflow/tfjs-core';
import { flag } from '../../checks.js';
import { AdamFamily, type AdamFamilyOptions } from './adam-family.js';
import { adamStep, amsGradStep } from './adam-step/adam-step.js';
import type { Inputs, OptimizerDefaults } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of Adam and AdamW. */
export interface AdamOptions extends AdamFamilyOptions {
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Divides by the root of the largest mean square so far. Default false. */
  readonly amsgrad?: boolean;
}

/**
 * Adam. m and s are moving means of g + weightDecay w and of its square; w = w - learningRate m / (1 - beta1^t) / (sqrt(s / (1 -
 * beta2^t)) + epsilon).
 * Source: PyTorch's Adam, and its defaults; Kingma, Ba: Adam (2014); Reddi et al.: On the convergence of Adam and beyond (2018).
 */
export class Adam extends AdamFamily {
  static readonly className: string = 'CnnAdam';
  private readonly amsgrad: boolean;

  constructor(options: AdamOptions = {}, defaults: Partial<OptimizerDefaults> = {}) {
    super(options, ['amsgrad'], { learningRate: 1e-3, ...defaults });
    this.amsgrad = flag(this.where, 'amsgrad', options.amsgrad ?? false);
    if (this.amsgrad) this.slotNames = ['mean', 'square', 'largest'];
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(this.amsgrad ? amsGradStep : adamStep, weight, inputs, ({ rate, state }) => {
      const { shares, bias1, bias2 } = this.means(state.step);
      const { epsilon } = this;
      return { ...shares, rate: rate / bias1, weight: 1, blend: 0, rootScale: 1 / Math.sqrt(bias2), epsilon };
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), amsgrad: this.amsgrad };
  }
}
serialization.registerClass(Adam, 'tfjs-cnn');
