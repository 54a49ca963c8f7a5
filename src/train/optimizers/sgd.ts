import { serialization } from '@tensorflow/tfjs-core';
import { flag, nonNegativeNumber, refuse, share } from '../../checks.js';
import { CnnOptimizer, type Inputs, type OptimizerOptions } from './cnn-optimizer.js';
import type { PlannedUpdate } from './planned-update.js';
import { momentumStep, type SgdGeometry, sgdStep } from './sgd-step/sgd-step.js';
import type { TrackedWeight, WeightMoment } from './tracked-weight.js';

/** Options of Sgd. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Share of the last velocity that goes into the next, in [0, 1). Default 0, and then no velocities are kept. */
  readonly momentum?: number;
  /** Share of the gradient that is left out of the velocity, but for a weight's first step. Default 0. */
  readonly dampening?: number;
  /** Nesterov's momentum; needs a momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent. v = momentum v + (1 - dampening) (g + weightDecay w), in a weight's first step v = g + weightDecay w;
 * w = w - learningRate v, by Nesterov w - learningRate (g + weightDecay w + momentum v).
 * Source: PyTorch's SGD, and its defaults.
 */
export class Sgd extends CnnOptimizer {
  static readonly className = 'CnnSgd';
  /** @internal */
  protected override readonly slotNames: readonly string[];
  private readonly dampening: number;
  private readonly nesterov: boolean;
  private momentum: number;

  constructor(options: SgdOptions = {}) {
    super(options, ['momentum', 'dampening', 'nesterov'], { learningRate: 1e-3 });
    const { momentum = 0, dampening = 0, nesterov = false } = options;
    this.momentum = share(this.where, 'momentum', momentum);
    this.dampening = nonNegativeNumber(this.where, 'dampening', dampening);
    this.nesterov = flag(this.where, 'nesterov', nesterov);
    if (nesterov && momentum === 0) refuse(this.where, 'momentum', 'above 0 for nesterov', momentum);
    if (nesterov && dampening !== 0) refuse(this.where, 'dampening', '0 for nesterov', dampening);
    this.slotNames = momentum === 0 ? [] : ['velocity'];
  }

  /** @internal */
  protected override changeMomentum(momentum: number): void {
    if (this.slotNames.length === 0) refuse(this.where, 'momentum', '0: it was made without, and keeps no velocities', momentum);
    this.momentum = momentum;
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    const op = this.slotNames.length === 0 ? sgdStep : momentumStep;
    return this.planned(op, weight, inputs, (moment) => this.numbers(moment));
  }

  private numbers({ rate, state }: WeightMoment): Pick<SgdGeometry, 'rate' | 'momentum' | 'share' | 'nesterov'> {
    const { momentum, nesterov } = this;
    return { rate, momentum, share: state.step === 1 ? 1 : 1 - this.dampening, nesterov };
  }

  override getConfig(): serialization.ConfigDict {
    const { momentum, dampening, nesterov } = this;
    return { ...super.getConfig(), momentum, dampening, nesterov };
  }
}
serialization.registerClass(Sgd, 'tfjs-cnn');
