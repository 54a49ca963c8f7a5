import type { WindowGeometry } from '../../geometry.js';
import type { BufferKernel, Parts } from '../../kernels.js';
import { windowAxes } from '../pool/axis.js';
import { forEachWindow } from '../pool/windows.js';

/** L2 pooling. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const cpu: Parts<BufferKernel<Float32Array, WindowGeometry>> = {
  forward({ x }, { y }, g) {
    forEachWindow(g, windowAxes(g), ({ corner, height, width, rowStep, columnStep, output }) => {
      for (let c = 0; c < g.inChannels; c++) {
        let sum = 0;
        for (let r = 0, row = corner + c; r < height; r++, row += rowStep) {
          for (let k = 0, i = row; k < width; k++, i += columnStep) sum += x[i] * x[i];
        }
        y[output + c] = Math.sqrt(sum);
      }
    });
  },

  dx({ dy, x, y }, { dx }, g) {
    dx.fill(0);
    forEachWindow(g, windowAxes(g), ({ corner, height, width, rowStep, columnStep, output }) => {
      for (let c = 0; c < g.inChannels; c++) {
        const norm = y[output + c];
        if (norm === 0) continue;
        const ratio = dy[output + c] / norm;
        for (let r = 0, row = corner + c; r < height; r++, row += rowStep) {
          for (let k = 0, i = row; k < width; k++, i += columnStep) dx[i] += ratio * x[i];
        }
      }
    });
  },
};
