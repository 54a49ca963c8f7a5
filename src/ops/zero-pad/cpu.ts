import type { WindowGeometry } from '../../geometry.js';
import type { BufferKernel, Parts } from '../../kernels.js';

/** Calls `copy` for every row of x: where it begins in x and in y, and its length. */
function forEachRow(g: WindowGeometry, copy: (input: number, output: number, length: number) => void): void {
  const line = g.inWidth * g.inChannels;
  for (let b = 0, input = 0; b < g.batch; b++) {
    for (let iy = 0; iy < g.inHeight; iy++, input += line) {
      copy(input, ((b * g.outHeight + iy + g.padTop) * g.outWidth + g.padLeft) * g.inChannels, line);
    }
  }
}

/** Zero padding. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const cpu: Parts<BufferKernel<Float32Array, WindowGeometry>> = {
  forward({ x }, { y }, g) {
    y.fill(0);
    forEachRow(g, (i, o, length) => y.set(x.subarray(i, i + length), o));
  },

  dx({ dy }, { dx }, g) {
    forEachRow(g, (i, o, length) => dx.set(dy.subarray(o, o + length), i));
  },
};
