import type { BufferKernel, Parts } from '../../kernels.js';
import type { AvgPoolGeometry } from './geometry.js';

/** Calls `pair` for every input element of every window with its weight, one over the elements that count. */
function forEachWeight(g: AvgPoolGeometry, pair: (input: number, output: number, weight: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let c = 0; c < g.inChannels; c++) {
          const inside: number[] = [];
          let padded = 0;
          for (let ky = 0; ky < g.filterHeight; ky++) {
            for (let kx = 0; kx < g.filterWidth; kx++) {
              const iy = oy * g.strideHeight - g.padTop + ky;
              const ix = ox * g.strideWidth - g.padLeft + kx;
              if (iy < g.inHeight + g.padBottom && ix < g.inWidth + g.padRight) padded++;
              if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) continue;
              inside.push(((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c);
            }
          }
          const weight = 1 / (g.countIncludePad ? padded : inside.length);
          for (const i of inside) pair(i, ((b * g.outHeight + oy) * g.outWidth + ox) * g.inChannels + c, weight);
        }
      }
    }
  }
}

/** Average pooling in float64, as the textbook writes it. */
export const reference: Parts<BufferKernel<Float64Array, AvgPoolGeometry>> = {
  forward({ x }, { y }, g) {
    y.fill(0);
    forEachWeight(g, (i, o, weight) => {
      y[o] += weight * x[i];
    });
  },

  dx({ dy }, { dx }, g) {
    dx.fill(0);
    forEachWeight(g, (i, o, weight) => {
      dx[i] += weight * dy[o];
    });
  },
};
