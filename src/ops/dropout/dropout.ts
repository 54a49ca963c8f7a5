import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError } from '../../geometry.js';
import { renewable } from '../../renewal.js';
import { checkFloat32 } from '../input.js';
import { cpu, portable, reference, wasmCnn } from './kernels.js';
import { type DropoutGeometry, maskKeys } from './mask.js';

/** Options of dropout. */
export interface DropoutOptions {
  /** Part of the elements that become 0, in [0, 1). */
  rate: number;
  /**
   * An integer; the same seed drops the same elements, on every backend. Count it up from step to step. A function is asked
   * again by each step that is recorded and played again.
   */
  seed: number | (() => number);
}

/**
 * Dropout: y = x m, where m is 0 for the elements that are dropped and 1 / (1 - rate) for the others.
 * Adjoint: dx = dy m. The mask is not stored: it follows from the seed and the place of the element (mask.ts).
 * Source:  Srivastava et al. 2014, in the "inverted" form of PyTorch's and Keras' Dropout.
 *
 * @param x       float32 of any shape
 * @param options rate and seed
 * @returns       float32 of the shape of x
 * @throws ArgumentError where the rate is not in [0, 1) or the seed is not an integer
 */
export const dropout = defineOp<[x: Tensor, options: DropoutOptions], DropoutGeometry, Tensor>({
  name: 'CnnDropout',
  prepare(x, { rate, seed }) {
    checkFloat32('dropout', 'x', x);
    if (!(rate >= 0 && rate < 1)) throw new ArgumentError(`dropout: rate must be in [0, 1), got ${rate}`);
    const { shape, size } = x;
    const geometryOf = (drawn: number): DropoutGeometry => {
      if (!Number.isSafeInteger(drawn)) throw new ArgumentError(`dropout: seed must be an integer, got ${drawn}`);
      return Object.freeze({
        shape: [...shape],
        size,
        ...maskKeys(drawn),
        threshold: Math.floor(rate * 2 ** 32),
        scale: Math.fround(1 / (1 - rate)),
      });
    };
    const geometry = typeof seed === 'function' ? renewable(() => geometryOf(seed())) : geometryOf(seed);
    return { inputs: { x }, geometry };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => g.shape } },
  backward: { dx: { inputs: ['dy'], outputs: { dx: (g) => g.shape } } },
  kernels: { reference, cpu, wasmCnn, portable },
});
