import { serialization } from '@tensorflow/tfjs-core';
import { flag, positiveNumber, refuse, share } from '../../checks.js';
import { CnnOptimizer, type Inputs, type OptimizerOptions } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import { rmsPropOp } from './rms-prop-step/rms-prop-step.js';
import type { TrackedWeight } from './tracked-weight.js';

/** Options of RmsProp. */
export interface RmsPropOptions extends OptimizerOptions {
  /** Default 0.01. */
  readonly learningRate?: number;
  /** Share of the mean square that stays at each step, in [0, 1). Default 0.99. */
  readonly alpha?: number;
  /** Share of the last velocity that goes into the next, in [0, 1). Default 0, and then no velocities are kept. */
  readonly momentum?: number;
  /** Divides by the gradient's deviation: the square of its mean is taken from the mean square. Default false. */
  readonly centered?: boolean;
  /** Keeps divisors from 0; above 0. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * RMSprop: s is the moving mean of g^2; v = momentum v + g / (sqrt(s) + epsilon); w = w - learningRate v.
 * Source: PyTorch's RMSprop, and its defaults; Hinton: Neural networks for machine learning, lecture 6e.
 */
export class RmsProp extends CnnOptimizer {
  static readonly className = 'CnnRmsProp';
  /** @internal */
  protected override readonly slotNames: readonly string[];
  private readonly alpha: number;
  private readonly centered: boolean;
  private readonly epsilon: number;
  private readonly op: ReturnType<typeof rmsPropOp>;
  private momentum: number;

  constructor(options: RmsPropOptions = {}) {
    super(options, ['alpha', 'momentum', 'centered', 'epsilon'], { learningRate: 1e-2 });
    const { alpha = 0.99, momentum = 0, centered = false, epsilon = 1e-8 } = options;
    this.alpha = share(this.where, 'alpha', alpha);
    this.momentum = share(this.where, 'momentum', momentum);
    this.centered = flag(this.where, 'centered', centered);
    this.epsilon = positiveNumber(this.where, 'epsilon', epsilon);
    this.op = rmsPropOp(centered, momentum > 0);
    this.slotNames = this.op.slots;
  }

  /** @internal */
  protected override changeMomentum(momentum: number): void {
    if (!this.slotNames.includes('velocity'))
      refuse(this.where, 'momentum', '0: it was made without, and keeps no velocities', momentum);
    this.momentum = momentum;
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    const { alpha, epsilon } = this;
    return this.planned(this.op, weight, inputs, ({ rate }) => ({ rate, share: 1 - alpha, momentum: this.momentum, epsilon }));
  }

  override getConfig(): serialization.ConfigDict {
    const { alpha, momentum, centered, epsilon } = this;
    return { ...super.getConfig(), alpha, momentum, centered, epsilon };
  }
}
serialization.registerClass(RmsProp, 'tfjs-cnn');
