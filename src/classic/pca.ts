import { add, matMul, mul, sub, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { rowsOf } from './examples.js';
import { covarianceOf, meanOf } from './moments.js';
import { checkFeatures, type Preprocessing } from './standardizer.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Options of Pca. */
export interface PcaOptions {
  /**
   * How many components are kept: a positive integer; or a share in (0, 1), for as few as explain that much of the
   * variance. Default: all.
   */
  components?: number;
  /** Whether every component is also divided by its standard deviation, so that all have variance 1; default false. */
  whiten?: boolean;
  /** Added to a component's variance before whitening divides by its root, lest noise is blown up; default 1e-5. */
  epsilon?: number;
}

interface Fitted {
  readonly mean: Float32Array;
  /** [kept, features] */
  readonly directions: Float32Array;
  readonly variances: Float64Array;
  readonly total: number;
  /** What each component is divided by. */
  readonly scales: Float32Array;
}

/**
 * Preprocessing: the coordinates of an example along the directions in which the training part varies most, the largest
 * first. The sign of a direction is chosen so that its largest coordinate is positive.
 * Source: the CS231n notes, "Neural Networks Part 2"; covariances are means, divided by the number of examples.
 */
export class Pca implements Preprocessing {
  private readonly components: number | undefined;
  private readonly whiten: boolean;
  private readonly epsilon: number;
  private fitted: Fitted | undefined;

  /** @throws ArgumentError for components that are neither a positive integer nor in (0, 1), or a negative epsilon */
  constructor({ components, whiten = false, epsilon = 1e-5 }: PcaOptions = {}) {
    if (components !== undefined && !(components > 0 && (components < 1 || Number.isInteger(components)))) {
      throw new ArgumentError(
        `Pca: components must be a positive integer, or a share of the variance in (0, 1), got ${components}`,
      );
    }
    if (!(epsilon >= 0)) throw new ArgumentError(`Pca: epsilon must be 0 or a positive number, got ${epsilon}`);
    this.components = components;
    this.whiten = whiten;
    this.epsilon = epsilon;
  }

  /** @throws ArgumentError for more components than features, GeometryError where x is no [examples, features] */
  async fit(x: Tensor2D): Promise<void> {
    const rows = await rowsOf('Pca.fit', x);
    const { features } = rows;
    const mean = meanOf(rows);
    const { values, vectors } = symmetricEigen(await covarianceOf(rows, mean), features);
    // Rounding can make a variance of 0 negative.
    const all = values.map((value) => Math.max(0, value));
    const total = all.reduce((sum, variance) => sum + variance, 0);
    const variances = all.slice(0, this.keptOf(all, total));
    const directions = new Float32Array(variances.length * features);
    variances.forEach((_, i) => void directions.set(upright(vectors.subarray(i * features, (i + 1) * features)), i * features));
    const scales = Float32Array.from(variances, (variance) => (this.whiten ? Math.sqrt(variance + this.epsilon) : 1));
    if (scales.includes(0)) throw new ArgumentError('Pca: epsilon must be above 0 where a kept component does not vary at all');
    this.fitted = { mean: Float32Array.from(mean), directions, variances, total, scales };
  }

  /** Variance of the training part along each kept direction. */
  get explainedVariance(): Float64Array {
    return this.known().variances;
  }

  /** The same as shares of the whole variance. */
  get explainedVarianceRatio(): Float64Array {
    const { variances, total } = this.known();
    return variances.map((variance) => variance / total);
  }

  /** @throws ArgumentError before fit, GeometryError for examples of other features */
  transform(x: Tensor2D): Tensor2D {
    const { mean, directions, scales } = this.known();
    checkFeatures('Pca', x, mean.length);
    return tidy(() => {
      const along = matMul(sub(x, tensor1d(mean)), tensor2d(directions, [scales.length, mean.length]), false, true);
      return mul(along, tensor1d(scales.map((scale) => 1 / scale))) as Tensor2D;
    });
  }

  /** @throws ArgumentError before fit, GeometryError for another number of components */
  inverse(x: Tensor2D): Tensor2D {
    const { mean, directions, scales } = this.known();
    checkFeatures('Pca.inverse', x, scales.length);
    return tidy(() =>
      add(matMul(mul(x, tensor1d(scales)) as Tensor2D, tensor2d(directions, [scales.length, mean.length])), tensor1d(mean)),
    );
  }

  private keptOf(variances: Float64Array, total: number): number {
    const { components = variances.length } = this;
    if (components >= 1) {
      if (components <= variances.length) return components;
      throw new ArgumentError(`Pca.fit: components must be at most the ${variances.length} features, got ${components}`);
    }
    let explained = 0;
    const last = variances.findIndex((variance) => {
      explained += variance;
      return explained >= components * total;
    });
    return last < 0 ? variances.length : last + 1;
  }

  private known(): Fitted {
    if (!this.fitted) throw new ArgumentError('Pca: fit must be called first');
    return this.fitted;
  }
}

/** The direction, or its opposite: the one whose largest coordinate is positive. */
function upright(direction: Float64Array): Float64Array {
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? direction.map((value) => -value) : direction;
}
