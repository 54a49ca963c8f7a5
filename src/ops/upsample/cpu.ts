import type { BufferKernel, Parts } from '../../kernels.js';
import { type Resampling, resamplings, transposedResampling, type UpsampleGeometry } from './geometry.js';

/** Every pixel of `to` as a sum of those of `from`; rows and columns of `to` are as many as the axes have outputs. */
function resample(
  from: Float32Array,
  to: Float32Array,
  batch: number,
  height: number,
  width: number,
  channels: number,
  [rows, columns]: readonly [Resampling, Resampling],
): void {
  for (let o = 0, b = 0; b < batch; b++) {
    for (let oy = 0; oy < rows.first.length; oy++) {
      for (let ox = 0; ox < columns.first.length; ox++) {
        const corner = ((b * height + rows.first[oy]!) * width + columns.first[ox]!) * channels;
        for (let c = 0; c < channels; c++, o++) {
          let sum = 0;
          for (let r = 0; r < rows.count[oy]!; r++) {
            let row = 0;
            for (let k = 0, i = corner + r * width * channels + c; k < columns.count[ox]!; k++, i += channels) {
              row += columns.weights[columns.offset[ox]! + k]! * from[i]!;
            }
            sum += rows.weights[rows.offset[oy]! + r]! * row;
          }
          to[o] = sum;
        }
      }
    }
  }
}

/** x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const cpu: Parts<BufferKernel<Float32Array, UpsampleGeometry>> = {
  forward({ x }, { y }, g) {
    resample(x!, y!, g.batch, g.inHeight, g.inWidth, g.channels, resamplings(g));
  },

  dx({ dy }, { dx }, g) {
    const [rows, columns] = resamplings(g);
    const back = [transposedResampling(rows, g.inHeight), transposedResampling(columns, g.inWidth)] as const;
    resample(dy!, dx!, g.batch, g.outHeight, g.outWidth, g.channels, back);
  },
};
