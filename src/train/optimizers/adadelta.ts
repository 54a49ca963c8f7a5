import { serialization } from '@tensorflow/tfjs-core';
import { positiveNumber, share } from '../../checks.js';
import { adadeltaStep } from './adadelta-step/adadelta-step.js';
import { CnnOptimizer, type Inputs, type OptimizerOptions } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of Adadelta. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Default 1. */
  readonly learningRate?: number;
  /** Share of the mean squares that stays at each step, in [0, 1). Default 0.9. */
  readonly rho?: number;
  /** Added to the mean squares; above 0. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Adadelta: s and d are moving means of the squares of the gradients and of the directions; the direction is
 * g sqrt(d + epsilon) / sqrt(s + epsilon), w = w - learningRate direction.
 * Source: PyTorch's Adadelta, and its defaults; Zeiler: Adadelta (2012).
 */
export class Adadelta extends CnnOptimizer {
  static readonly className = 'CnnAdadelta';
  /** @internal */
  protected override readonly slotNames = adadeltaStep.slots;
  private readonly rho: number;
  private readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, ['rho', 'epsilon'], { learningRate: 1 });
    const { rho = 0.9, epsilon = 1e-6 } = options;
    this.rho = share(this.where, 'rho', rho);
    this.epsilon = positiveNumber(this.where, 'epsilon', epsilon);
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    return this.planned(adadeltaStep, weight, inputs, ({ rate }) => ({ rate, share: 1 - this.rho, epsilon: this.epsilon }));
  }

  override getConfig(): serialization.ConfigDict {
    const { rho, epsilon } = this;
    return { ...super.getConfig(), rho, epsilon };
  }
}
serialization.registerClass(Adadelta, 'tfjs-cnn');
