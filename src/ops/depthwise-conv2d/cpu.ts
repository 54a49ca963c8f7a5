import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import { Meetings } from './cpu-meetings.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

/** sums[c] += source[pixel + c] * filter[element + c] over all meetings, four at a time: the sums are read and written less often. */
function addProducts(source: Float32Array, filter: Float64Array, { pixel, element, count }: Meetings, sums: Float64Array): void {
  const channels = sums.length;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const p0 = pixel[i]!,
      p1 = pixel[i + 1]!,
      p2 = pixel[i + 2]!,
      p3 = pixel[i + 3]!;
    const e0 = element[i]!,
      e1 = element[i + 1]!,
      e2 = element[i + 2]!,
      e3 = element[i + 3]!;
    for (let c = 0; c < channels; c++) {
      sums[c]! +=
        source[p0 + c]! * filter[e0 + c]! +
        source[p1 + c]! * filter[e1 + c]! +
        source[p2 + c]! * filter[e2 + c]! +
        source[p3 + c]! * filter[e3 + c]!;
    }
  }
  for (; i < count; i++) {
    const p = pixel[i]!;
    const e = element[i]!;
    for (let c = 0; c < channels; c++) sums[c]! += source[p + c]! * filter[e + c]!;
  }
}

/** sums[c * multiplier + m] += x[pixel + c] * filter[element + c * multiplier + m]. */
function addSpread(
  x: Float32Array,
  filter: Float64Array,
  { pixel, element, count }: Meetings,
  sums: Float64Array,
  multiplier: number,
): void {
  for (let i = 0; i < count; i++) {
    const e = element[i]!;
    for (let o = 0, from = pixel[i]!; o < sums.length; from++) {
      const value = x[from]!;
      for (let m = 0; m < multiplier; m++, o++) sums[o]! += value * filter[e + o]!;
    }
  }
}

/** sums[c] += sum over m of dy[pixel + c * multiplier + m] * filter[element + c * multiplier + m]. */
function addGathered(
  dy: Float32Array,
  filter: Float64Array,
  { pixel, element, count }: Meetings,
  sums: Float64Array,
  multiplier: number,
): void {
  for (let i = 0; i < count; i++) {
    let p = pixel[i]!;
    let e = element[i]!;
    for (let c = 0; c < sums.length; c++) {
      let sum = sums[c]!;
      for (let m = 0; m < multiplier; m++) sum += dy[p++]! * filter[e++]!;
      sums[c] = sum;
    }
  }
}

/** sums[element + c * multiplier + m] += x[pixel + c] * dy[out + c * multiplier + m]. */
function addOuter(
  x: Float32Array,
  { pixel, element, count }: Meetings,
  dy: Float32Array,
  out: number,
  sums: Float64Array,
  outChannels: number,
  multiplier: number,
): void {
  for (let i = 0; i < count; i++) {
    const p = pixel[i]!;
    const e = element[i]!;
    if (multiplier === 1) {
      for (let c = 0; c < outChannels; c++) sums[e + c]! += x[p + c]! * dy[out + c]!;
      continue;
    }
    for (let o = 0, from = p; o < outChannels; from++) {
      const value = x[from]!;
      for (let m = 0; m < multiplier; m++, o++) sums[e + o]! += value * dy[out + o]!;
    }
  }
}

/** Depthwise convolution along the channels, which lie side by side. x, y NHWC; filter [kh, kw, channels, multiplier]; sums in float64. */
export const cpu: Parts<BufferKernel<Float32Array, DepthwiseConv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    const wide = Float64Array.from(filter!);
    const sums = new Float64Array(g.outChannels);
    const meetings = new Meetings(g);
    const pitch = g.outPitch ?? g.outChannels;
    let to = 0;
    for (let b = 0; b < g.batch; b++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let ox = 0; ox < g.outWidth; ox++, to += pitch) {
          if (bias) sums.set(bias);
          else sums.fill(0);
          meetings.ofOutput(g, b, oy, ox);
          if (g.multiplier === 1) addProducts(x!, wide, meetings, sums);
          else addSpread(x!, wide, meetings, sums, g.multiplier);
          y!.set(sums, to);
        }
      }
    }
    applyFused(y!, g.activation, g.outChannels, pitch);
  },

  dx({ dy, filter }, { dx }, g) {
    const wide = Float64Array.from(filter!);
    const sums = new Float64Array(g.inChannels);
    const meetings = new Meetings(g);
    let to = 0;
    for (let b = 0; b < g.batch; b++) {
      for (let iy = 0; iy < g.inHeight; iy++) {
        for (let ix = 0; ix < g.inWidth; ix++, to += g.inChannels) {
          sums.fill(0);
          meetings.ofInput(g, b, iy, ix);
          if (g.multiplier === 1) addProducts(dy!, wide, meetings, sums);
          else addGathered(dy!, wide, meetings, sums, g.multiplier);
          dx!.set(sums, to);
        }
      }
    }
  },

  dfilter({ x, dy }, { dfilter }, g) {
    const sums = new Float64Array(dfilter!.length);
    const meetings = new Meetings(g);
    let out = 0;
    for (let b = 0; b < g.batch; b++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let ox = 0; ox < g.outWidth; ox++, out += g.outChannels) {
          meetings.ofOutput(g, b, oy, ox);
          addOuter(x!, meetings, dy!, out, sums, g.outChannels, g.multiplier);
        }
      }
    }
    dfilter!.set(sums);
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
