import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { GeometryError } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { cpu, type MaxoutGeometry, portable, reference, wasmCnn } from './kernels.js';

/**
 * Maxout: y[.., c] = the largest of the `pieces` consecutive channels x[.., c pieces + p].
 * Adjoint: dx is dy at the largest, 0 at the others; of equals the first takes it, NaN is the largest.
 * Source:  Goodfellow et al., Maxout networks, ICML 2013, section 3.
 *
 * @param x       float32 [..., channels]
 * @param options pieces: how many channels each output looks at, a divisor of the channels
 * @returns       float32 [..., channels / pieces]
 * @throws GeometryError where pieces does not divide the channels
 */
export const maxout = defineOp<[x: Tensor, options: { pieces: number }], MaxoutGeometry, Tensor>({
  name: 'CnnMaxout',
  prepare(x, { pieces }) {
    checkFloat32('maxout', 'x', x);
    const channels = x.shape.at(-1) ?? 0;
    if (!Number.isInteger(pieces) || pieces < 1 || channels % pieces !== 0) {
      throw new GeometryError(
        `maxout: pieces must be a positive integer that divides the ${channels} channels of x, got ${pieces}`,
      );
    }
    const geometry = Object.freeze({ shape: x.shape, pieces, outputs: x.size / pieces });
    return { inputs: { x }, geometry };
  },
  forward: { inputs: ['x'], outputs: { y: ({ shape, pieces }) => [...shape.slice(0, -1), shape.at(-1)! / pieces] } },
  backward: { dx: { inputs: ['dy', 'x'], outputs: { dx: ({ shape }) => [...shape] } } },
  kernels: { reference, cpu, wasmCnn, portable },
});
