import { add, div, mul, sub, type Tensor2D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { ArgumentError, GeometryError } from '../geometry.js';
import { rowsOf } from './examples.js';
import { meanOf, varianceOf } from './moments.js';

/** What is fitted on the training part, and then done to any part. */
export interface Preprocessing {
  /** Learns from the training part, [examples, features]. */
  fit(x: Tensor2D): Promise<void>;
  /** The examples as the classifier is to see them. */
  transform(x: Tensor2D): Tensor2D;
  /** The examples that `transform` gives this for, as far as it kept them. */
  inverse(x: Tensor2D): Tensor2D;
}

/** Options of Standardizer. */
export interface StandardizerOptions {
  /** Whether every feature is also divided by its standard deviation, where that is not 0; default true. */
  deviation?: boolean;
}

/** Preprocessing: every feature minus its mean, divided by its standard deviation over the training part. */
export class Standardizer implements Preprocessing {
  private readonly divides: boolean;
  private fitted: { mean: Float32Array; deviation: Float32Array } | undefined;

  constructor({ deviation = true }: StandardizerOptions = {}) {
    this.divides = deviation;
  }

  /** @throws GeometryError where x is no [examples, features] */
  async fit(x: Tensor2D): Promise<void> {
    const rows = await rowsOf('Standardizer.fit', x);
    const mean = meanOf(rows);
    const deviation = this.divides ? varianceOf(rows, mean).map((variance) => Math.sqrt(variance) || 1) : mean.map(() => 1);
    this.fitted = { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) };
  }

  /** Mean of every feature. */
  get mean(): Float32Array {
    return this.known().mean;
  }

  /** What every feature is divided by. */
  get deviation(): Float32Array {
    return this.known().deviation;
  }

  /** @throws ArgumentError before fit, GeometryError for examples of other features */
  transform(x: Tensor2D): Tensor2D {
    const { mean, deviation } = this.known(x);
    return tidy(() => div(sub(x, tensor1d(mean)), tensor1d(deviation)));
  }

  /** @throws ArgumentError before fit, GeometryError for examples of other features */
  inverse(x: Tensor2D): Tensor2D {
    const { mean, deviation } = this.known(x);
    return tidy(() => add(mul(x, tensor1d(deviation)), tensor1d(mean)));
  }

  private known(x?: Tensor2D): { mean: Float32Array; deviation: Float32Array } {
    if (!this.fitted) throw new ArgumentError('Standardizer: fit must be called first');
    checkFeatures('Standardizer', x, this.fitted.mean.length);
    return this.fitted;
  }
}

/** @throws GeometryError where x has other features than those that were learnt from */
export function checkFeatures(where: string, x: Tensor2D | undefined, features: number): void {
  if (x && (x.rank !== 2 || x.shape[1] !== features)) {
    throw new GeometryError(`${where}: x must have shape [examples, ${features}], got [${x.shape}]`);
  }
}
