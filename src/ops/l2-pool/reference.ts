import type { WindowGeometry } from '../../geometry.js';
import type { BufferKernel, Parts } from '../../kernels.js';

/** Calls `pair` for every input element of every window. */
function forEachPair(g: WindowGeometry, pair: (input: number, output: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let ky = 0; ky < g.filterHeight; ky++) {
          for (let kx = 0; kx < g.filterWidth; kx++) {
            const iy = oy * g.strideHeight - g.padTop + ky;
            const ix = ox * g.strideWidth - g.padLeft + kx;
            if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) continue;
            for (let c = 0; c < g.inChannels; c++) {
              pair(
                ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c,
                ((b * g.outHeight + oy) * g.outWidth + ox) * g.inChannels + c,
              );
            }
          }
        }
      }
    }
  }
}

/** L2 pooling in float64, as the textbook writes it. */
export const reference: Parts<BufferKernel<Float64Array, WindowGeometry>> = {
  forward({ x }, { y }, g) {
    y.fill(0);
    forEachPair(g, (i, o) => {
      y[o] += x[i] * x[i];
    });
    for (let o = 0; o < y.length; o++) y[o] = Math.sqrt(y[o]);
  },

  dx({ dy, x, y }, { dx }, g) {
    dx.fill(0);
    forEachPair(g, (i, o) => {
      if (y[o] !== 0) dx[i] += (dy[o] * x[i]) / y[o];
    });
  },
};
