import { mul, randomUniform, serialization, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';

/** Options of the initializer UniformWithin. */
export interface UniformWithinOptions {
  /** Bound of each place of the weight's last axis, e.g. 2.4 / fan-in of a unit. */
  bounds: number[];
  /** Start of the random numbers: equal seeds give equal weights. Default: others each time. */
  seed?: number | null;
}

/** Initializer: uniform in [-bound, bound) with a bound of its own for each place of the last axis. */
export class UniformWithin extends serialization.Serializable {
  static className = 'CnnUniformWithin';
  private readonly bounds: number[];
  private readonly seed: number | undefined;

  constructor({ bounds, seed }: UniformWithinOptions) {
    super();
    this.bounds = bounds;
    this.seed = seed ?? undefined;
  }

  /**
   * Random numbers of that shape.
   *
   * @throws ArgumentError where its last size is not the number of bounds
   */
  apply(shape: Shape): Tensor {
    if (shape[shape.length - 1] !== this.bounds.length) {
      throw new ArgumentError(
        `UniformWithin: bounds must hold ${shape[shape.length - 1]} numbers, the weight's last size, ` +
          `got ${this.bounds.length}`,
      );
    }
    return tidy(() => mul(randomUniform(shape as number[], -1, 1, 'float32', this.seed), tensor1d(this.bounds)));
  }

  /** Told by tfjs-layers' interface: the saved form holds plain numbers only. */
  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  override getConfig(): serialization.ConfigDict {
    return { bounds: this.bounds, seed: this.seed ?? null };
  }
}
serialization.registerClass(UniformWithin, 'tfjs-cnn');
