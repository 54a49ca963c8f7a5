import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import type { DenseGeometry } from './geometry.js';

/** A fully connected layer in float64, as the textbook writes it. x [rows, inputs], filter [inputs, units]. */
export const reference: Parts<BufferKernel<Float64Array, DenseGeometry>> = {
  forward({ x, filter, bias }, { y }, { rows, inputs, units, activation }) {
    for (let r = 0; r < rows; r++) {
      for (let u = 0; u < units; u++) {
        let sum = bias ? bias[u] : 0;
        for (let i = 0; i < inputs; i++) sum += x[r * inputs + i] * filter[i * units + u];
        y[r * units + u] = sum;
      }
    }
    applyFused(y, activation);
  },

  dx({ dy, filter }, { dx }, { rows, inputs, units }) {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < inputs; i++) {
        let sum = 0;
        for (let u = 0; u < units; u++) sum += dy[r * units + u] * filter[i * units + u];
        dx[r * inputs + i] = sum;
      }
    }
  },

  dfilter({ x, dy }, { dfilter }, { rows, inputs, units }) {
    for (let i = 0; i < inputs; i++) {
      for (let u = 0; u < units; u++) {
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += x[r * inputs + i] * dy[r * units + u];
        dfilter[i * units + u] = sum;
      }
    }
  },

  dbias({ dy }, { dbias }, { rows, units }) {
    for (let u = 0; u < units; u++) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += dy[r * units + u];
      dbias[u] = sum;
    }
  },
};
