import type { BufferKernel, Parts } from '../../kernels.js';
import type { DividedAxes, PoolSizes } from '../pool/axis.js';
import { forEachWindow } from '../pool/windows.js';
import { averagingAxes } from './geometry.js';

/**
 * Average pooling over the windows that `axes` derives from the geometry.
 * x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
 */
export function averageOver<G extends PoolSizes>(axes: (g: G) => DividedAxes): Parts<BufferKernel<Float32Array, G>> {
  return {
    forward({ x }, { y }, g) {
      const [rows, columns] = axes(g);
      forEachWindow(g, [rows, columns], ({ corner, height, width, rowStep, columnStep, oy, ox, output }) => {
        const divisor = rows.divisor[oy] * columns.divisor[ox];
        for (let c = 0; c < g.inChannels; c++) {
          let sum = 0;
          for (let r = 0, row = corner + c; r < height; r++, row += rowStep) {
            for (let k = 0, i = row; k < width; k++, i += columnStep) sum += x[i];
          }
          y[output + c] = sum / divisor;
        }
      });
    },

    dx({ dy }, { dx }, g) {
      const [rows, columns] = axes(g);
      dx.fill(0);
      forEachWindow(g, [rows, columns], ({ corner, height, width, rowStep, columnStep, oy, ox, output }) => {
        const divisor = rows.divisor[oy] * columns.divisor[ox];
        for (let c = 0; c < g.inChannels; c++) {
          const share = dy[output + c] / divisor;
          for (let r = 0, row = corner + c; r < height; r++, row += rowStep) {
            for (let k = 0, i = row; k < width; k++, i += columnStep) dx[i] += share;
          }
        }
      });
    },
  };
}

export const cpu = averageOver(averagingAxes);
