import type { BufferKernel, Parts } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** x, switches, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const cpu: Parts<BufferKernel<Float32Array, MaxUnpoolGeometry>> = {
  forward({ x, switches }, { y }, g) {
    y!.fill(0);
    const [values, places] = [g.inHeight * g.inWidth, g.outHeight * g.outWidth];
    for (let i = 0, b = 0; b < g.batch; b++) {
      for (let k = 0; k < values; k++) {
        for (let c = 0; c < g.channels; c++, i++) {
          const place = switches![i]!;
          // An integer below 2^31 and nothing else equals itself cut to 32 bits.
          if (place >= 0 && place < places && (place | 0) === place) y![(b * places + place) * g.channels + c]! += x![i]!;
        }
      }
    }
  },

  dx({ dy, switches }, { dx }, g) {
    const [values, places] = [g.inHeight * g.inWidth, g.outHeight * g.outWidth];
    for (let i = 0, b = 0; b < g.batch; b++) {
      for (let k = 0; k < values; k++) {
        for (let c = 0; c < g.channels; c++, i++) {
          const place = switches![i]!;
          const named = place >= 0 && place < places && (place | 0) === place;
          dx![i] = named ? dy![(b * places + place) * g.channels + c]! : 0;
        }
      }
    }
  },
};
