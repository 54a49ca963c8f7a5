import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import type { Conv2DGeometry } from './geometry.js';

/**
 * Convolution is one sum of products seen from three sides: `visit` is called for every pair of an input
 * and an output element that a filter element connects, with the indices of the three.
 */
function forEachProduct(g: Conv2DGeometry, visit: (x: number, filter: number, y: number) => void): void {
  const groupIn = g.inChannels / g.groups;
  const groupOut = g.outChannels / g.groups;
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let ky = 0; ky < g.filterHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inHeight) continue;
          for (let kx = 0; kx < g.filterWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inWidth) continue;
            for (let group = 0; group < g.groups; group++) {
              for (let ci = group * groupIn; ci < (group + 1) * groupIn; ci++) {
                for (let co = group * groupOut; co < (group + 1) * groupOut; co++) {
                  visit(
                    ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + ci,
                    ((ky * g.filterWidth + kx) * groupIn + ci - group * groupIn) * g.outChannels + co,
                    ((b * g.outHeight + oy) * g.outWidth + ox) * g.outChannels + co,
                  );
                }
              }
            }
          }
        }
      }
    }
  }
}

/** Convolution in float64, as the textbook writes it. x, y NHWC; filter HWIO. */
export const reference: Parts<BufferKernel<Float64Array, Conv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    for (let i = 0; i < y.length; i++) y[i] = bias ? bias[i % g.outChannels] : 0;
    forEachProduct(g, (i, f, o) => {
      y[o] += x[i] * filter[f];
    });
    applyFused(y, g.activation);
  },

  dx({ dy, filter }, { dx }, g) {
    dx.fill(0);
    forEachProduct(g, (i, f, o) => {
      dx[i] += dy[o] * filter[f];
    });
  },

  dfilter({ x, dy }, { dfilter }, g) {
    dfilter.fill(0);
    forEachProduct(g, (i, f, o) => {
      dfilter[f] += x[i] * dy[o];
    });
  },

  dbias({ dy }, { dbias }, g) {
    dbias.fill(0);
    for (let o = 0; o < dy.length; o++) dbias[o % g.outChannels] += dy[o];
  },
};
