import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import { windowAxes } from '../pool/axis.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

/** Neighbours in a row of a window: `length` floats of a picture from `x` on, for as many rows of the filter from `filter` on. */
interface Run {
  readonly x: number;
  readonly filter: number;
  readonly length: number;
}

/** Calls `visit` for every place of y, with what it sees of a picture. */
function forEachPlace(g: LocallyConnected2DGeometry, visit: (place: number, runs: readonly Run[]) => void): void {
  const [rows, columns] = windowAxes(g);
  for (let oy = 0; oy < g.outHeight; oy++) {
    const firstRow = rows.first[oy]! - (oy * g.strideHeight - g.padTop);
    for (let ox = 0; ox < g.outWidth; ox++) {
      const place = oy * g.outWidth + ox;
      const firstColumn = columns.first[ox]! - (ox * g.strideWidth - g.padLeft);
      const runs = Array.from({ length: rows.count[oy]! }, (_, r) => ({
        x: ((rows.first[oy]! + r) * g.inWidth + columns.first[ox]!) * g.inChannels,
        filter: ((place * g.filterHeight + firstRow + r) * g.filterWidth + firstColumn) * g.inChannels,
        length: columns.count[ox]! * g.inChannels,
      }));
      visit(place, runs);
    }
  }
}

/** Floats of a picture of x and of y. */
const pictures = (g: LocallyConnected2DGeometry): [number, number] => [
  g.inHeight * g.inWidth * g.inChannels,
  g.outHeight * g.outWidth * g.outChannels,
];

/**
 * Unshared convolution, a place of y after the other, so that each filter is read once for all pictures.
 * x [batch, inHeight, inWidth, channels]; filter [outHeight, outWidth, taps, filters]; y [batch, outHeight, outWidth, filters].
 */
export const cpu: Parts<BufferKernel<Float32Array, LocallyConnected2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    const [xSize, ySize] = pictures(g);
    const filters = g.outChannels;
    const sums = new Float64Array(filters);
    forEachPlace(g, (place, runs) => {
      for (let b = 0; b < g.batch; b++) {
        for (let co = 0; co < filters; co++) sums[co] = bias ? bias[place * filters + co]! : 0;
        for (const run of runs) {
          for (let i = 0, f = run.filter * filters; i < run.length; i++, f += filters) {
            const value = x![b * xSize + run.x + i]!;
            for (let co = 0; co < filters; co++) sums[co]! += value * filter![f + co]!;
          }
        }
        y!.set(sums, b * ySize + place * filters);
      }
    });
    applyFused(y!, g.activation);
  },

  dx({ dy, filter }, { dx }, g) {
    const [xSize, ySize] = pictures(g);
    const filters = g.outChannels;
    dx!.fill(0);
    forEachPlace(g, (place, runs) => {
      for (let b = 0; b < g.batch; b++) {
        const from = b * ySize + place * filters;
        for (const run of runs) {
          for (let i = 0, f = run.filter * filters; i < run.length; i++, f += filters) {
            let sum = 0;
            for (let co = 0; co < filters; co++) sum += dy![from + co]! * filter![f + co]!;
            dx![b * xSize + run.x + i]! += sum;
          }
        }
      }
    });
  },

  dfilter({ x, dy }, { dfilter }, g) {
    const [xSize, ySize] = pictures(g);
    const filters = g.outChannels;
    const sums = new Float64Array(filters);
    dfilter!.fill(0);
    forEachPlace(g, (place, runs) => {
      for (const run of runs) {
        for (let i = 0; i < run.length; i++) {
          sums.fill(0);
          for (let b = 0; b < g.batch; b++) {
            const value = x![b * xSize + run.x + i]!;
            const from = b * ySize + place * filters;
            for (let co = 0; co < filters; co++) sums[co]! += value * dy![from + co]!;
          }
          dfilter!.set(sums, (run.filter + i) * filters);
        }
      }
    });
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch, dbias!.length, dbias!);
  },
};
