import type { WindowGeometry } from '../../geometry.js';
import type { BufferKernel, Parts } from '../../kernels.js';

/** Calls `pair` for every element of x and its place in y. */
function forEachElement(g: WindowGeometry, pair: (input: number, output: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let iy = 0; iy < g.inHeight; iy++) {
      for (let ix = 0; ix < g.inWidth; ix++) {
        for (let c = 0; c < g.inChannels; c++) {
          pair(
            ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c,
            ((b * g.outHeight + iy + g.padTop) * g.outWidth + ix + g.padLeft) * g.inChannels + c,
          );
        }
      }
    }
  }
}

/** Zero padding, element by element. */
export const reference: Parts<BufferKernel<Float64Array, WindowGeometry>> = {
  forward({ x }, { y }, g) {
    y.fill(0);
    forEachElement(g, (i, o) => {
      y[o] = x[i];
    });
  },

  dx({ dy }, { dx }, g) {
    forEachElement(g, (i, o) => {
      dx[i] = dy[o];
    });
  },
};
