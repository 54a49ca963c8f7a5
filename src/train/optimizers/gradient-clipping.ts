import { mul, type Scalar, scalar, square, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { GradientScaler } from './gradient-scaler.js';
import { clipFactor, squareSum } from './norms/norms.js';
import { runUpdate } from './update-op.js';

/** What all gradients of a step are multiplied by, and whether it is taken. */
export class GradientClipping {
  private live: Variable | undefined;

  /** @param clipNorm the largest norm; undefined where nobody asks for it */
  constructor(private readonly clipNorm: number | undefined) {}

  /** Euclidean norm of the gradients of the last step, where it is asked for: a scalar that stays in memory. */
  get norm(): Scalar | undefined {
    return this.live as Scalar | undefined;
  }

  /**
   * What the gradients are multiplied by to have no scale and no more than the largest norm, and whether the step is taken; both undefined
   * where nothing asks.
   */
  of(gradients: readonly Tensor[], scaler: GradientScaler | undefined): { scale?: Tensor; open?: Scalar } {
    const { clipNorm } = this;
    if ((clipNorm === undefined && !scaler) || gradients.length === 0) return {};
    let sum: Tensor | undefined;
    for (const x of gradients) [sum] = runUpdate(squareSum, { x, before: sum }, { size: x.size });
    const inverse = scaler?.inverse();
    const open = scaler?.judge(sum!);
    if (clipNorm === undefined) return { scale: inverse, open };
    this.live ??= scalar(0).variable(false);
    const unscaled = inverse ? mul(sum!, square(inverse)) : sum;
    const [norm, factor] = runUpdate(clipFactor, { sum: unscaled, norm: this.live }, { most: clipNorm });
    this.live.assign(norm!);
    if (clipNorm === Infinity) return { scale: inverse, open };
    return { scale: inverse ? mul(factor!, inverse) : factor, open };
  }

  dispose(): void {
    this.live?.dispose();
    this.live = undefined;
  }
}
