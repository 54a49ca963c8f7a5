// Upsampling and its adjoint: every pixel is a sum of pixels, with weights for rows and columns.
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../backends/wasm-cnn/asm/simd';

/**
 * Sizes. Behind them lie (first position, count, index of the first weight) of every output row, then of every
 * column, then all weights.
 */
@unmanaged class ResampleShape {
  inHeight: i32;
  inWidth: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
}

/** Bytes of a table's entry. */
const ENTRY = 12;

/** Rows begin..end of batch * outHeight of `to` [batch, outHeight, outWidth, channels]. */
export function resampleRows(begin: i32, end: i32, from: usize, to: usize, shape: ResampleShape): void {
  const rows = changetype<usize>(shape) + offsetof<ResampleShape>();
  const columns = rows + <usize>shape.outHeight * ENTRY, weights = columns + <usize>shape.outWidth * ENTRY;
  const pixel = <usize>shape.channels << 2, line = <usize>shape.inWidth * pixel;
  to += <usize>(begin * shape.outWidth) * pixel;
  for (let index = begin; index < end; index++) {
    const b = index / shape.outHeight, row = rows + <usize>(index - b * shape.outHeight) * ENTRY;
    const height = load<i32>(row, 4), rowWeights = weights + (load<usize>(row, 8) << 2);
    const top = from + <usize>(b * shape.inHeight + load<i32>(row)) * line;
    for (let column = columns; column < weights; column += ENTRY, to += pixel) {
      const width = load<i32>(column, 4), columnWeights = weights + (load<usize>(column, 8) << 2);
      const corner = top + <usize>load<i32>(column) * pixel;
      for (let c = 0; c < shape.channels; c += 4) {
        const at = <usize>c << 2, lanes = shape.channels - c;
        let sum = f32x4.splat(0);
        for (let r = 0, left = corner + at; r < height; r++, left += line) {
          let part = f32x4.splat(0);
          for (let k = 0, p = left; k < width; k++, p += pixel) {
            part = madd(loadLanes(p, lanes), v128.load32_splat(columnWeights + (<usize>k << 2)), part);
          }
          sum = madd(part, v128.load32_splat(rowWeights + (<usize>r << 2)), sum);
        }
        storeLanes(to + at, sum, lanes);
      }
    }
  }
}
