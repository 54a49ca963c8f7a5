import { clone, dispose, type NamedTensorMap, tidy, type Variable, zerosLike } from '@tensorflow/tfjs-core';
import { positiveNumber } from '../../checks.js';
import { renewable, repeated } from '../../renewal.js';
import { lerp } from './lerp/lerp.js';

/**
 * The mean of the gradients of several batches: that of the batch they would be together, up to rounding (n batches add
 * 2 n 2^-24 of the largest magnitude at most). Only batch normalisation tells them apart, whose statistics are each batch's own, and
 * what draws random numbers by the step, as dropout does.
 *
 *     accumulator.add(gradients, 32);  // for each batch of 32 pictures
 *     const mean = accumulator.take(); // then for the update
 */
export class GradientAccumulator {
  private readonly means = new Map<string, Variable>();
  /** Weight of what is in the means. */
  private total = 0;
  /** Weights in this sum: not all that ever had a gradient need to be. */
  private readonly names = new Set<string>();
  private taken = false;

  /**
   * Adds the gradients of one batch's mean loss; they stay the caller's.
   *
   * @param gradients by the variables' names; weights that have none in one batch must have none in the others
   * @param weight    pictures in the batch, where batches differ; default 1
   */
  add(gradients: Readonly<NamedTensorMap>, weight = 1): void {
    positiveNumber('GradientAccumulator', 'weight', weight);
    if (this.taken) this.names.clear();
    repeated(() => this.count(weight));
    for (const [name, gradient] of Object.entries(gradients)) {
      if (!gradient) continue;
      const { shape, size } = gradient;
      const geometry = renewable(() => ({ shape, size, share: weight / this.total }));
      const mean = this.means.get(name) ?? tidy(() => zerosLike(gradient).variable(false));
      this.means.set(name, mean);
      this.names.add(name);
      const moved = lerp(mean, gradient, geometry);
      mean.assign(moved);
      moved.dispose();
    }
  }

  private count(weight: number): void {
    this.total = weight + (this.taken ? 0 : this.total);
    this.taken = false;
  }

  /**
   * The mean of all that was added since the last time.
   *
   * @returns the caller's to dispose, before more is added
   */
  take(): NamedTensorMap {
    repeated(() => {
      this.taken = true;
    });
    return Object.fromEntries([...this.names].map((name) => [name, clone(this.means.get(name)!)]));
  }

  /** Lets go of the means. */
  dispose(): void {
    dispose([...this.means.values()]);
    this.means.clear();
    this.names.clear();
    this.taken = true;
  }
}
