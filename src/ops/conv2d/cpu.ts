import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { cpu as depthwise } from '../depthwise-conv2d/cpu.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import { packRows } from '../gemm/cpu-pack.js';
import { PANEL } from '../gemm/cpu-panel.js';
import { workspace } from '../gemm/cpu-workspace.js';
import { correlate, weightAt, weightsLength } from './cpu-correlate.js';
import { convolutionDfilter } from './cpu-dfilter.js';
import { convolutionDx } from './cpu-dx.js';
import { type Source, type Tap, windowOf } from './cpu-gather.js';
import type { Conv2DGeometry } from './geometry.js';

/** The pixels of x that a place of y sees, in the filter's order. */
function tapsOf(g: Conv2DGeometry): Tap[] {
  return Array.from({ length: g.filterHeight * g.filterWidth }, (_, element) => ({
    row: Math.floor(element / g.filterWidth) * g.dilationHeight - g.padTop,
    column: (element % g.filterWidth) * g.dilationWidth - g.padLeft,
  }));
}

const sourceOf = (x: Float32Array, g: Conv2DGeometry): Source => ({
  values: x,
  height: g.inHeight,
  width: g.inWidth,
  channels: g.inChannels,
});

/** Convolution as matrix products over tiles of the unfolded picture. x, y NHWC; filter HWIO; sums in float64. */
const products: Parts<BufferKernel<Float32Array, Conv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    const groupIn = g.inChannels / g.groups;
    const groupOut = g.outChannels / g.groups;
    const pitch = g.outPitch ?? g.outChannels;
    const source = sourceOf(x!, g);
    const grid = { rows: g.outHeight, columns: g.outWidth, rowStep: g.strideHeight, columnStep: g.strideWidth };
    const target = {
      values: y!,
      height: g.outHeight,
      width: g.outWidth,
      channels: pitch,
      row0: 0,
      column0: 0,
      rowStep: 1,
      columnStep: 1,
      wide: groupOut,
    };
    const taps = tapsOf(g);
    const size = taps.length * groupIn;
    const weights = workspace('weights', weightsLength(groupOut, size));
    for (let group = 0; group < g.groups; group++) {
      for (let co = 0; co < groupOut; co += PANEL) {
        const first = group * groupOut + co;
        packRows(filter!, first, 1, g.outChannels, Math.min(PANEL, groupOut - co), size, weights, weightAt(co, 0, size));
      }
      const window = windowOf(taps, group * groupIn, groupIn, source);
      correlate(source, grid, window, g.batch, { ...target, firstChannel: group * groupOut }, weights, bias);
    }
    applyFused(y!, g.activation, g.outChannels, pitch);
  },

  dx({ dy, filter }, { dx }, g) {
    convolutionDx(dy!, filter!, dx!, g);
  },

  dfilter({ x, dy }, { dfilter }, g) {
    convolutionDfilter(sourceOf(x!, g), tapsOf(g), dy!, dfilter!, g);
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};

/** A group of one channel is a depthwise convolution, whose filter lies in the same order. */
function choose(part: string): BufferKernel<Float32Array, Conv2DGeometry> {
  return (inputs, outputs, g) => {
    const single = g.groups > 1 && g.groups === g.inChannels;
    if (single) depthwise[part]!(inputs, outputs, { ...g, multiplier: g.outChannels / g.groups });
    else products[part]!(inputs, outputs, g);
  };
}

export const cpu: Parts<BufferKernel<Float32Array, Conv2DGeometry>> = {
  forward: choose('forward'),
  dx: choose('dx'),
  dfilter: choose('dfilter'),
  dbias: choose('dbias'),
};
