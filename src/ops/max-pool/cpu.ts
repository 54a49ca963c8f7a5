import type { BufferKernel, Parts } from '../../kernels.js';
import { windowAxes, type PoolAxes, type PoolSizes } from '../pool/axis.js';

/**
 * Max pooling over the windows that `axes` derives from the geometry.
 * x [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
 */
export function maxOver<G extends PoolSizes>(axes: (g: G) => PoolAxes): Parts<BufferKernel<Float32Array, G>> {
  return {
    forward({ x }, { y }, g) {
      forEachWindow(g, axes(g), (corner, rows, columns, rowStep, columnStep, o) => {
        for (let c = 0; c < g.inChannels; c++) {
          let largest = x[corner + c];
          for (let r = 0, row = corner + c; r < rows; r++, row += rowStep) {
            for (let k = 0, i = row; k < columns; k++, i += columnStep) {
              const value = x[i];
              if (value > largest || value !== value) largest = value;
            }
          }
          y[o + c] = largest;
        }
      });
    },

    dx({ dy, x, y }, { dx }, g) {
      dx.fill(0);
      forEachWindow(g, axes(g), (corner, rows, columns, rowStep, columnStep, o) => {
        for (let c = 0; c < g.inChannels; c++) {
          const at = firstMaximum(x, y[o + c], corner + c, rows, columns, rowStep, columnStep);
          dx[at] += dy[o + c];
        }
      });
    },
  };
}

/** Index of the first element of the window that equals its maximum, or is NaN. */
function firstMaximum(x: Float32Array, largest: number, corner: number, rows: number, columns: number,
  rowStep: number, columnStep: number): number {
  for (let r = 0, row = corner; r < rows; r++, row += rowStep) {
    for (let k = 0, i = row; k < columns; k++, i += columnStep) {
      const value = x[i];
      if (value === largest || value !== value) return i;
    }
  }
  return corner;
}

/**
 * Calls `visit` for every window: the index of its first input element, how many rows and columns it
 * has, how far these are apart, and the index of its first output element.
 */
function forEachWindow(g: PoolSizes, [rows, columns]: PoolAxes,
  visit: (corner: number, rows: number, columns: number, rowStep: number, columnStep: number, output: number) => void): void {
  const line = g.inWidth * g.inChannels;
  const rowStep = rows.step * line;
  const columnStep = columns.step * g.inChannels;
  let output = 0;
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      const row = (b * g.inHeight + rows.first[oy]) * line;
      for (let ox = 0; ox < g.outWidth; ox++) {
        const corner = row + columns.first[ox] * g.inChannels;
        visit(corner, rows.count[oy], columns.count[ox], rowStep, columnStep, output);
        output += g.inChannels;
      }
    }
  }
}

export const cpu = maxOver(windowAxes);
