import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { GeometryError } from '../../geometry.js';
import { fusedActivationGrad } from '../activation/fused-gradient.js';
import { checkFloat32 } from '../input.js';
import { type AddReluGeometry, cpu, portable, reference, wasmCnn } from './kernels.js';

const shape = (g: AddReluGeometry): number[] => g.shape;

/**
 * The end of a residual block: y = max(a + b, 0), in one pass over memory.
 * Adjoint: da = db = dy where y > 0, else 0: relu's, once for both.
 * Source:  He et al., Deep residual learning, CVPR 2016, section 3.2.
 *
 * @param a, b float32 of one shape
 * @returns    float32 of the same shape; NaN stays NaN
 * @throws GeometryError where the shapes differ
 */
export const addRelu = defineOp<[a: Tensor, b: Tensor], AddReluGeometry, Tensor>({
  name: 'CnnAddRelu',
  prepare(a, b) {
    checkFloat32('addRelu', 'a', a);
    checkFloat32('addRelu', 'b', b);
    if (a.rank !== b.rank || a.shape.some((size, axis) => size !== b.shape[axis])) {
      throw new GeometryError(`addRelu: a and b must have the same shape, got [${a.shape}] and [${b.shape}]`);
    }
    return { inputs: { a, b }, geometry: Object.freeze({ shape: [...a.shape], size: a.size, activation: 'relu' }) };
  },
  forward: { inputs: ['a', 'b'], outputs: { y: shape } },
  backward: {},
  terms: ['a', 'b'],
  unfuse: (dy, y, { activation }) => fusedActivationGrad(dy, y, activation),
  kernels: { reference, cpu, wasmCnn, portable },
});
