import type { WindowGeometry } from '../../geometry.js';
import type { BufferKernel, Parts } from '../../kernels.js';

/** Calls `found` with the index of the maximum of every window, and the index of its output. */
export function forEachMaximum(x: Float64Array, g: WindowGeometry, found: (input: number, output: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let c = 0; c < g.inChannels; c++) {
          let largest = -1;
          for (let ky = 0; ky < g.filterHeight; ky++) {
            for (let kx = 0; kx < g.filterWidth; kx++) {
              const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
              const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
              if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) continue;
              const i = ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c;
              if (largest < 0 || x[i] > x[largest] || (Number.isNaN(x[i]) && !Number.isNaN(x[largest]))) largest = i;
            }
          }
          found(largest, ((b * g.outHeight + oy) * g.outWidth + ox) * g.inChannels + c);
        }
      }
    }
  }
}

/** Max pooling in float64, as the textbook writes it. */
export const reference: Parts<BufferKernel<Float64Array, WindowGeometry>> = {
  forward({ x }, { y }, g) {
    forEachMaximum(x, g, (i, o) => {
      y[o] = x[i];
    });
  },

  dx({ dy, x }, { dx }, g) {
    dx.fill(0);
    forEachMaximum(x, g, (i, o) => {
      dx[i] += dy[o];
    });
  },
};
