import type { BufferKernel, Parts } from '../../kernels.js';
import type { PoolSizes } from '../pool/axis.js';

/** Calls `visit` with the indices of the elements of every bin, row by row, and the index of its output. */
function forEachBin(g: PoolSizes, visit: (inputs: number[], output: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let c = 0; c < g.inChannels; c++) {
          const inputs: number[] = [];
          for (
            let iy = Math.floor((oy * g.inHeight) / g.outHeight);
            iy < Math.ceil(((oy + 1) * g.inHeight) / g.outHeight);
            iy++
          ) {
            for (let ix = Math.floor((ox * g.inWidth) / g.outWidth); ix < Math.ceil(((ox + 1) * g.inWidth) / g.outWidth); ix++) {
              inputs.push(((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c);
            }
          }
          visit(inputs, ((b * g.outHeight + oy) * g.outWidth + ox) * g.inChannels + c);
        }
      }
    }
  }
}

/** The first of the largest; NaN is larger than every number. */
function firstMaximum(x: Float64Array, inputs: number[]): number {
  let largest = inputs[0];
  for (const i of inputs) if (x[i] > x[largest] || (Number.isNaN(x[i]) && !Number.isNaN(x[largest]))) largest = i;
  return largest;
}

/** Adaptive average pooling in float64. */
export const averageReference: Parts<BufferKernel<Float64Array, PoolSizes>> = {
  forward({ x }, { y }, g) {
    forEachBin(g, (inputs, o) => {
      y[o] = inputs.reduce((sum, i) => sum + x[i], 0) / inputs.length;
    });
  },

  dx({ dy }, { dx }, g) {
    dx.fill(0);
    forEachBin(g, (inputs, o) => {
      for (const i of inputs) dx[i] += dy[o] / inputs.length;
    });
  },
};

/** Adaptive max pooling in float64. */
export const maxReference: Parts<BufferKernel<Float64Array, PoolSizes>> = {
  forward({ x }, { y }, g) {
    forEachBin(g, (inputs, o) => {
      y[o] = x[firstMaximum(x, inputs)];
    });
  },

  dx({ dy, x }, { dx }, g) {
    dx.fill(0);
    forEachBin(g, (inputs, o) => {
      dx[firstMaximum(x, inputs)] += dy[o];
    });
  },
};
