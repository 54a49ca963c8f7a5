import type { serialization } from '@tensorflow/tfjs-core';
import { positiveNumber, share } from '../../checks.js';
import { CnnOptimizer, type OptimizerDefaults, type OptimizerOptions } from './cnn-optimizer.js';

/** Options of Adam and its kin. */
export interface AdamFamilyOptions extends OptimizerOptions {
  /** Share of the gradients' mean that stays at each step, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** The same of the mean of their squares (Adamax: of the largest). Default 0.999. */
  readonly beta2?: number;
  /** Keeps divisors from 0; above 0. Default 1e-8 (Lamb: 1e-6). */
  readonly epsilon?: number;
}

/** What Adam and its kin have in common: means of gradients and of their squares, bias corrections, beta1 as the momentum. */
export abstract class AdamFamily extends CnnOptimizer {
  /** @internal */
  protected override slotNames: readonly string[] = ['mean', 'square'];
  /** @internal */
  protected beta1: number;
  /** @internal */
  protected readonly beta2: number;
  /** @internal */
  protected readonly epsilon: number;

  /** @internal */
  protected constructor(
    options: AdamFamilyOptions,
    own: readonly string[],
    { epsilon: usualEpsilon = 1e-8, ...defaults }: OptimizerDefaults & { epsilon?: number },
  ) {
    super(options, ['beta1', 'beta2', 'epsilon', ...own], defaults);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = usualEpsilon } = options;
    this.beta1 = share(this.where, 'beta1', beta1);
    this.beta2 = share(this.where, 'beta2', beta2);
    this.epsilon = positiveNumber(this.where, 'epsilon', epsilon);
  }

  /** @internal */
  protected override changeMomentum(momentum: number): void {
    this.beta1 = momentum;
  }

  /** Shares of the new gradient in the means, and what their bias after `step` steps is. @internal */
  protected means(step: number): { shares: { share: number; squareShare: number }; bias1: number; bias2: number } {
    const { beta1, beta2 } = this;
    return { shares: { share: 1 - beta1, squareShare: 1 - beta2 }, bias1: 1 - beta1 ** step, bias2: 1 - beta2 ** step };
  }

  override getConfig(): serialization.ConfigDict {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
