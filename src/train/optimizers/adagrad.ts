import { serialization } from '@tensorflow/tfjs-core';
import { nonNegativeNumber, positiveNumber } from '../../checks.js';
import { adagradStep } from './adagrad-step/adagrad-step.js';
import { CnnOptimizer, type Inputs, type OptimizerOptions } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of Adagrad. */
export interface AdagradOptions extends OptimizerOptions {
  /** Default 0.01. */
  readonly learningRate?: number;
  /** The learning rate of step t is learningRate / (1 + (t - 1) lrDecay). Default 0. */
  readonly lrDecay?: number;
  /** What the sums of squares begin with; 0 or more. Default 0. */
  readonly initialAccumulator?: number;
  /** Keeps divisors from 0; above 0. Default 1e-10. */
  readonly epsilon?: number;
}

/**
 * Adagrad: s = s + g^2; w = w - learningRate / (1 + (t - 1) lrDecay) g / (sqrt(s) + epsilon).
 * Source: PyTorch's Adagrad, and its defaults; Duchi, Hazan, Singer: Adaptive subgradient methods (2011).
 */
export class Adagrad extends CnnOptimizer {
  static readonly className = 'CnnAdagrad';
  /** @internal */
  protected override readonly slotNames = adagradStep.slots;
  /** @internal */
  protected override readonly slotStart: number;
  private readonly lrDecay: number;
  private readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super(options, ['lrDecay', 'initialAccumulator', 'epsilon'], { learningRate: 1e-2 });
    const { lrDecay = 0, initialAccumulator = 0, epsilon = 1e-10 } = options;
    this.lrDecay = nonNegativeNumber(this.where, 'lrDecay', lrDecay);
    this.slotStart = nonNegativeNumber(this.where, 'initialAccumulator', initialAccumulator);
    this.epsilon = positiveNumber(this.where, 'epsilon', epsilon);
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(adagradStep, weight, inputs, ({ rate, state }) => {
      return { rate: rate / (1 + (state.step - 1) * this.lrDecay), epsilon: this.epsilon };
    });
  }

  override getConfig(): serialization.ConfigDict {
    const { lrDecay, slotStart, epsilon } = this;
    return { ...super.getConfig(), lrDecay, initialAccumulator: slotStart, epsilon };
  }
}
serialization.registerClass(Adagrad, 'tfjs-cnn');
