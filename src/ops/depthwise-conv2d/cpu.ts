import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

/** sums[c * multiplier + m] += x[c] * filter[c, m] for all channels of one pixel and one filter element. */
function addProducts(x: Float32Array, xAt: number, filter: Float32Array, filterAt: number, sums: Float64Array, channels: number,
  multiplier: number): void {
  if (multiplier === 1) {
    for (let c = 0; c < channels; c++) sums[c] += x[xAt + c]! * filter[filterAt + c]!;
  } else {
    for (let c = 0, o = 0; c < channels; c++) {
      const value = x[xAt + c]!;
      for (let m = 0; m < multiplier; m++, o++) sums[o] += value * filter[filterAt + o]!;
    }
  }
}

/** sums[c] += sum over m of dy[c * multiplier + m] * filter[c, m]. */
function addTransposed(dy: Float32Array, dyAt: number, filter: Float32Array, filterAt: number, sums: Float64Array, channels: number,
  multiplier: number): void {
  for (let c = 0, o = 0; c < channels; c++) {
    let sum = sums[c]!;
    for (let m = 0; m < multiplier; m++, o++) sum += dy[dyAt + o]! * filter[filterAt + o]!;
    sums[c] = sum;
  }
}

/** sums[c * multiplier + m] += x[c] * dy[c * multiplier + m]. */
function addOuter(x: Float32Array, xAt: number, dy: Float32Array, dyAt: number, sums: Float64Array, sumsAt: number, channels: number,
  multiplier: number): void {
  for (let c = 0, o = 0; c < channels; c++) {
    const value = x[xAt + c]!;
    for (let m = 0; m < multiplier; m++, o++) sums[sumsAt + o] += value * dy[dyAt + o]!;
  }
}

/** Depthwise convolution along the channels, which lie side by side. x, y NHWC; filter [kh, kw, channels, multiplier]; sums in float64. */
export const cpu: Parts<BufferKernel<Float32Array, DepthwiseConv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    const sums = new Float64Array(g.outChannels);
    let out = 0;
    for (let b = 0; b < g.batch; b++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let ox = 0; ox < g.outWidth; ox++) {
          if (bias) sums.set(bias);
          else sums.fill(0);
          for (let ky = 0; ky < g.filterHeight; ky++) {
            const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
            if (iy < 0 || iy >= g.inHeight) continue;
            for (let kx = 0; kx < g.filterWidth; kx++) {
              const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
              if (ix < 0 || ix >= g.inWidth) continue;
              const pixel = (b * g.inHeight + iy) * g.inWidth + ix;
              addProducts(x!, pixel * g.inChannels, filter!, (ky * g.filterWidth + kx) * g.outChannels, sums, g.inChannels, g.multiplier);
            }
          }
          y!.set(sums, out);
          out += g.outChannels;
        }
      }
    }
    applyFused(y!, g.activation);
  },

  dx({ dy, filter }, { dx }, g) {
    const sums = new Float64Array(g.inChannels);
    let to = 0;
    for (let b = 0; b < g.batch; b++) {
      for (let iy = 0; iy < g.inHeight; iy++) {
        for (let ix = 0; ix < g.inWidth; ix++) {
          sums.fill(0);
          for (let ky = 0; ky < g.filterHeight; ky++) {
            const down = iy + g.padTop - ky * g.dilationHeight;
            const oy = down / g.strideHeight;
            if (down % g.strideHeight !== 0 || oy < 0 || oy >= g.outHeight) continue;
            for (let kx = 0; kx < g.filterWidth; kx++) {
              const across = ix + g.padLeft - kx * g.dilationWidth;
              const ox = across / g.strideWidth;
              if (across % g.strideWidth !== 0 || ox < 0 || ox >= g.outWidth) continue;
              const pixel = (b * g.outHeight + oy) * g.outWidth + ox;
              addTransposed(dy!, pixel * g.outChannels, filter!, (ky * g.filterWidth + kx) * g.outChannels, sums, g.inChannels, g.multiplier);
            }
          }
          dx!.set(sums, to);
          to += g.inChannels;
        }
      }
    }
  },

  dfilter({ x, dy }, { dfilter }, g) {
    const sums = new Float64Array(dfilter!.length);
    for (let b = 0; b < g.batch; b++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let ox = 0; ox < g.outWidth; ox++) {
          const out = ((b * g.outHeight + oy) * g.outWidth + ox) * g.outChannels;
          for (let ky = 0; ky < g.filterHeight; ky++) {
            const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
            if (iy < 0 || iy >= g.inHeight) continue;
            for (let kx = 0; kx < g.filterWidth; kx++) {
              const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
              if (ix < 0 || ix >= g.inWidth) continue;
              const pixel = (b * g.inHeight + iy) * g.inWidth + ix;
              addOuter(x!, pixel * g.inChannels, dy!, out, sums, (ky * g.filterWidth + kx) * g.outChannels, g.inChannels, g.multiplier);
            }
          }
        }
      }
    }
    dfilter!.set(sums);
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
