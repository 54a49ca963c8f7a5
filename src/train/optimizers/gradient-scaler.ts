import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Knows what gradients were multiplied by, and whether a step is to be taken: a LossScaler. */
export interface GradientScaler {
  /** What the gradients of the next step are to be multiplied by. */
  inverse(): Scalar;
  /**
   * Called once a step, after `inverse`.
   * @param squares sum of the squares of all gradients, as they came
   * @returns       1 where the step is taken, 0 where all stays as it is
   */
  judge(squares: Tensor): Scalar;
}
