import type { BufferKernel, Parts } from '../../kernels.js';
import { isGated, scalarActivation } from './functions.js';
import type { ActivationGeometry } from './geometry.js';

/** Activations in float64, element by element. */
export const reference: Parts<BufferKernel<Float64Array, ActivationGeometry>> = {
  forward({ x }, { y }, { kind, alpha }) {
    for (let i = 0; i < y.length; i++) y[i] = scalarActivation[kind].value(x[i], alpha);
  },

  dx({ dy, x, y }, { dx }, { kind, alpha }) {
    const seen = isGated(kind) ? x : y;
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * scalarActivation[kind].slope(seen[i], alpha);
  },
};
