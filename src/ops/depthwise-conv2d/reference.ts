import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

/** Calls `visit` with the indices of every input, filter and output element that meet in a product. */
function forEachProduct(g: DepthwiseConv2DGeometry, visit: (x: number, filter: number, y: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let ky = 0; ky < g.filterHeight; ky++) {
          const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
          if (iy < 0 || iy >= g.inHeight) continue;
          for (let kx = 0; kx < g.filterWidth; kx++) {
            const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
            if (ix < 0 || ix >= g.inWidth) continue;
            for (let ci = 0; ci < g.inChannels; ci++) {
              for (let m = 0; m < g.multiplier; m++) {
                visit(
                  ((b * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + ci,
                  ((ky * g.filterWidth + kx) * g.inChannels + ci) * g.multiplier + m,
                  ((b * g.outHeight + oy) * g.outWidth + ox) * g.outChannels + ci * g.multiplier + m,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** Depthwise convolution in float64, as the textbook writes it. x, y NHWC; filter [kh, kw, channels, multiplier]. */
export const reference: Parts<BufferKernel<Float64Array, DepthwiseConv2DGeometry>> = {
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
