import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

/** Calls `visit` for every pair of an input and an output element that a filter element connects. */
function forEachProduct(g: LocallyConnected2DGeometry, visit: (x: number, filter: number, y: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let ky = 0; ky < g.filterHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky;
          if (iy < 0 || iy >= g.inHeight) continue;
          for (let kx = 0; kx < g.filterWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx;
            if (ix < 0 || ix >= g.inWidth) continue;
            for (let ci = 0; ci < g.inChannels; ci++) {
              for (let co = 0; co < g.outChannels; co++) {
                const place = oy * g.outWidth + ox;
                visit(
                  ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + ci,
                  (((place * g.filterHeight + ky) * g.filterWidth + kx) * g.inChannels + ci) * g.outChannels + co,
                  (b * g.outHeight * g.outWidth + place) * g.outChannels + co,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** Unshared convolution in float64, as the textbook writes it. */
export const reference: Parts<BufferKernel<Float64Array, LocallyConnected2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    for (let i = 0; i < y!.length; i++) y![i] = bias ? bias[i % bias.length]! : 0;
    forEachProduct(g, (i, f, o) => {
      y![o]! += x![i]! * filter![f]!;
    });
    applyFused(y!, g.activation);
  },

  dx({ dy, filter }, { dx }, g) {
    dx!.fill(0);
    forEachProduct(g, (i, f, o) => {
      dx![i]! += dy![o]! * filter![f]!;
    });
  },

  dfilter({ x, dy }, { dfilter }, g) {
    dfilter!.fill(0);
    forEachProduct(g, (i, f, o) => {
      dfilter![f]! += x![i]! * dy![o]!;
    });
  },

  dbias({ dy }, { dbias }) {
    dbias!.fill(0);
    for (let o = 0; o < dy!.length; o++) dbias![o % dbias!.length]! += dy![o]!;
  },
};
