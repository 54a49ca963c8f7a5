import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { FusedActivation } from '../activation/fused.js';
import { fusedActivationGrad } from '../activation/fused-gradient.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type DenseGeometry, denseGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** Options of dense. */
export interface DenseOptions {
  /** float32 [units]; default none. */
  bias?: Tensor1D;
  /** Applied to the result in the same pass; default 'linear'. */
  activation?: FusedActivation;
}

/**
 * Fully connected: y = act(x filter + bias).
 * Adjoint:         with dz = dy act'(y): dx = dz filter^T, dfilter = x^T dz, dbias = sum of dz over the rows.
 * Source:          PyTorch's linear; its weight is the transpose of filter.
 *
 * @param x       float32 [rows, inputs]
 * @param filter  float32 [inputs, units]
 * @param options bias, activation
 * @returns       float32 [rows, units]
 * @throws GeometryError naming the sizes where they do not fit together
 */
export const dense = defineOp<[x: Tensor2D, filter: Tensor2D, options?: DenseOptions], DenseGeometry, Tensor2D>({
  name: 'CnnDense',
  prepare(x, filter, { bias, activation } = {}) {
    checkFloat32('dense', 'x', x);
    checkFloat32('dense', 'filter', filter);
    if (bias !== undefined) checkFloat32('dense', 'bias', bias);
    return {
      inputs: { x, filter, bias },
      geometry: denseGeometry(x.shape, filter.shape, { activation, biasShape: bias?.shape }),
    };
  },
  forward: { inputs: ['x', 'filter', 'bias'], outputs: { y: (g) => [g.rows, g.units] } },
  backward: {
    dx: { inputs: ['dy', 'filter'], outputs: { dx: (g) => [g.rows, g.inputs] } },
    dfilter: { inputs: ['x', 'dy'], outputs: { dfilter: (g) => [g.inputs, g.units] } },
    dbias: { inputs: ['dy'], outputs: { dbias: (g) => [g.units] } },
  },
  unfuse: (dy, y, { activation }) => fusedActivationGrad(dy, y, activation),
  kernels: { reference, cpu, wasmCnn, portable },
});
