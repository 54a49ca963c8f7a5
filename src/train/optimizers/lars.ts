import { serialization, type Tensor } from '@tensorflow/tfjs-core';
import { flag, nonNegativeNumber, positiveNumber, refuse, share } from '../../checks.js';
import { renewable } from '../../renewal.js';
import { CnnOptimizer, type Inputs, type OptimizerOptions } from './cnn-optimizer.js';
import { trustRatio } from './norms/norms.js';
import type { PlannedUpdate } from './planned-update.js';
import { momentumStep } from './sgd-step/sgd-step.js';
import type { TrackedWeight } from './tracked-weight.js';
import { runUpdate } from './update-op.js';

/** Options of Lars. */
export interface LarsOptions extends OptimizerOptions {
  /** Default 1. */
  readonly learningRate?: number;
  /** Share of the last velocity that goes into the next, in [0, 1). Default 0.9. */
  readonly momentum?: number;
  /** Nesterov's momentum; needs a momentum. Default false. */
  readonly nesterov?: boolean;
  /** What the ratio of the norms is multiplied by; above 0. Default 0.001. */
  readonly trustCoefficient?: number;
  /** Added to the divisor of the ratio; 0 or more. Default 1e-8. */
  readonly epsilon?: number;
  /** Whether biases and normalisations (rank 1 and less) have a ratio, too. Default false: theirs is 1. */
  readonly adaptBiasAndNorm?: boolean;
}

/**
 * SGD with momentum for large batches: each weight's g + weightDecay w is multiplied by
 * trustCoefficient |w| / (|g| + weightDecay |w| + epsilon), or 1 where |w| or |g| is 0, before it goes into the velocity.
 * Source: You, Gitman, Ginsburg: Large batch training of convolutional networks (2017); where the ratio stands: timm's Lars.
 */
export class Lars extends CnnOptimizer {
  static readonly className = 'CnnLars';
  /** @internal */
  protected override readonly slotNames = momentumStep.slots;
  private readonly ratio: { readonly trustCoefficient: number; readonly epsilon: number; readonly adaptBiasAndNorm: boolean };
  private readonly nesterov: boolean;
  private momentum: number;

  constructor(options: LarsOptions = {}) {
    const own = ['momentum', 'nesterov', 'trustCoefficient', 'epsilon', 'adaptBiasAndNorm'];
    super(options, own, { learningRate: 1, decayBiasAndNorm: false });
    const { momentum = 0.9, nesterov = false, trustCoefficient = 1e-3, epsilon = 1e-8, adaptBiasAndNorm = false } = options;
    this.momentum = share(this.where, 'momentum', momentum);
    this.nesterov = flag(this.where, 'nesterov', nesterov);
    if (nesterov && momentum === 0) refuse(this.where, 'momentum', 'above 0 for nesterov', momentum);
    this.ratio = {
      trustCoefficient: positiveNumber(this.where, 'trustCoefficient', trustCoefficient),
      epsilon: nonNegativeNumber(this.where, 'epsilon', epsilon),
      adaptBiasAndNorm: flag(this.where, 'adaptBiasAndNorm', adaptBiasAndNorm),
    };
  }

  /** @internal */
  protected override changeMomentum(momentum: number): void {
    this.momentum = momentum;
  }

  /** @internal */
  protected override update(weight: TrackedWeight, inputs: Inputs): PlannedUpdate {
    const trust = this.trust(weight, inputs);
    const numbers = ({ rate }: { rate: number }) => ({ rate, momentum: this.momentum, share: 1, nesterov: this.nesterov });
    return this.planned(momentumStep, weight, { ...inputs, trust }, numbers);
  }

  private trust({ variable, settings }: TrackedWeight, { value, gradient, scale }: Inputs): Tensor | undefined {
    const { trustCoefficient: coefficient, epsilon, adaptBiasAndNorm } = this.ratio;
    const { size, rank } = variable;
    if (rank <= 1 && !adaptBiasAndNorm) return undefined;
    const geometry = renewable(() => {
      return { size, clip: this.settings.clipValue, coefficient, weightDecay: settings.weightDecay, epsilon };
    });
    return runUpdate(trustRatio, { value, gradient, scale }, geometry)[0];
  }

  override getConfig(): serialization.ConfigDict {
    const { momentum, nesterov, ratio } = this;
    return { ...super.getConfig(), momentum, nesterov, ...ratio };
  }
}
serialization.registerClass(Lars, 'tfjs-cnn');
