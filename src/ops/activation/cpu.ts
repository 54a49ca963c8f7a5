import type { BufferKernel, Parts } from '../../kernels.js';
import { isGated, scalarActivation } from './functions.js';
import type { ActivationGeometry } from './geometry.js';

export const cpu: Parts<BufferKernel<Float32Array, ActivationGeometry>> = {
  forward({ x }, { y }, { kind, alpha }) {
    const { value } = scalarActivation[kind];
    for (let i = 0; i < y.length; i++) y[i] = value(x[i], alpha);
  },

  dx({ dy, x, y }, { dx }, { kind, alpha }) {
    const seen = isGated(kind) ? x : y;
    const { slope } = scalarActivation[kind];
    for (let i = 0; i < dx.length; i++) {
      // A slope of 0 stops dy, whatever dy is: an infinity behind a dead relu stays there.
      const s = slope(seen[i], alpha);
      dx[i] = s === 0 ? 0 : dy[i] * s;
    }
  },
};
