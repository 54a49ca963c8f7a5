import type { BufferKernel, Parts } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** Calls `put` with the index of every value and of the place its switch names, where there is such a place. */
function forEachPlaced(switches: Float64Array, g: MaxUnpoolGeometry, put: (value: number, place: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let iy = 0; iy < g.inHeight; iy++) {
      for (let ix = 0; ix < g.inWidth; ix++) {
        for (let c = 0; c < g.channels; c++) {
          const i = ((b * g.inHeight + iy) * g.inWidth + ix) * g.channels + c;
          const place = switches[i]!;
          if (!Number.isInteger(place) || place < 0 || place >= g.outHeight * g.outWidth) continue;
          const oy = Math.floor(place / g.outWidth);
          const ox = place % g.outWidth;
          put(i, ((b * g.outHeight + oy) * g.outWidth + ox) * g.channels + c);
        }
      }
    }
  }
}

/** Max unpooling in float64, as the textbook writes it. */
export const reference: Parts<BufferKernel<Float64Array, MaxUnpoolGeometry>> = {
  forward({ x, switches }, { y }, g) {
    y!.fill(0);
    forEachPlaced(switches!, g, (i, place) => {
      y![place]! += x![i]!;
    });
  },

  dx({ dy, switches }, { dx }, g) {
    dx!.fill(0);
    forEachPlaced(switches!, g, (i, place) => {
      dx![i] = dy![place]!;
    });
  },
};
