import { workspace } from '../gemm/cpu-workspace.js';
import { correlate, weightAt, weightsLength } from './cpu-correlate.js';
import { windowOf } from './cpu-gather.js';
import type { Conv2DGeometry } from './geometry.js';
import { type Phase, windowPhases } from './phases.js';

/** Pixels of x that the stride leaves alike are reached by the same filter elements: each such phase is a correlation of dy. */
export function convolutionDx(dy: Float32Array, filter: Float32Array, dx: Float32Array, g: Conv2DGeometry): void {
  const [vertical, horizontal] = windowPhases(g);
  for (const down of vertical) for (const across of horizontal) phaseDx(dy, filter, dx, g, down, across);
}

function phaseDx(dy: Float32Array, filter: Float32Array, dx: Float32Array, g: Conv2DGeometry, down: Phase, across: Phase): void {
  const groupIn = g.inChannels / g.groups;
  const groupOut = g.outChannels / g.groups;
  const source = { values: dy, height: g.outHeight, width: g.outWidth, channels: g.outChannels };
  const grid = { rows: down.count, columns: across.count, rowStep: 1, columnStep: 1 };
  const taps = down.taps.flatMap((ky) => across.taps.map((kx) => ({ row: ky.offset, column: kx.offset })));
  const elements = down.taps.flatMap((ky) => across.taps.map((kx) => ky.k * g.filterWidth + kx.k));
  const target = {
    values: dx,
    height: g.inHeight,
    width: g.inWidth,
    channels: g.inChannels,
    row0: down.first,
    column0: across.first,
    rowStep: g.strideHeight,
    columnStep: g.strideWidth,
    wide: groupIn,
  };
  const size = taps.length * groupOut;
  const length = weightsLength(groupIn, size);
  const weights = workspace('weights', length);
  weights.fill(0, 0, length);
  for (let group = 0; group < g.groups; group++) {
    elements.forEach((element, e) => {
      for (let ci = 0; ci < groupIn; ci++) {
        const from = (element * groupIn + ci) * g.outChannels + group * groupOut;
        for (let co = 0; co < groupOut; co++) weights[weightAt(ci, e * groupOut + co, size)] = filter[from + co]!;
      }
    });
    const window = windowOf(taps, group * groupOut, groupOut, source);
    correlate(source, grid, window, g.batch, { ...target, firstChannel: group * groupIn }, weights);
  }
}
