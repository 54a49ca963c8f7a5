import type { BufferKernel, Parts } from '../../kernels.js';
import { type PoolAxes, type PoolSizes, windowAxes } from '../pool/axis.js';
import { forEachWindow, type Window } from '../pool/windows.js';

/**
 * Max pooling over the windows that `axes` derives from the geometry.
 * x [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
 */
export function maxOver<G extends PoolSizes>(axes: (g: G) => PoolAxes): Parts<BufferKernel<Float32Array, G>> {
  return {
    forward({ x }, { y }, g) {
      forEachWindow(g, axes(g), ({ corner, height, width, rowStep, columnStep, output }) => {
        for (let c = 0; c < g.inChannels; c++) {
          let largest = x[corner + c];
          for (let r = 0, row = corner + c; r < height; r++, row += rowStep) {
            for (let k = 0, i = row; k < width; k++, i += columnStep) {
              const value = x[i];
              if (value > largest || Number.isNaN(value)) largest = value;
            }
          }
          y[output + c] = largest;
        }
      });
    },

    dx({ dy, x, y }, { dx }, g) {
      dx.fill(0);
      forEachWindow(g, axes(g), (window) => {
        for (let c = 0; c < g.inChannels; c++) {
          dx[firstMaximum(x, y[window.output + c], window, c)] += dy[window.output + c];
        }
      });
    },
  };
}

/** Index of the first element of the window that equals its maximum, or is NaN. */
export function firstMaximum(x: Float32Array, largest: number, window: Window, channel: number): number {
  const { corner, height, width, rowStep, columnStep } = window;
  for (let r = 0, row = corner + channel; r < height; r++, row += rowStep) {
    for (let k = 0, i = row; k < width; k++, i += columnStep) {
      const value = x[i];
      if (value === largest || Number.isNaN(value)) return i;
    }
  }
  return corner + channel;
}

export const cpu = maxOver(windowAxes);
