// The switches of max pooling. x [batch, inHeight, inWidth, channels]; y, switches [batch, outHeight, outWidth, channels].
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { PoolShape, columnTable, countOf, firstOf, rowTable } from '../../backends/wasm-cnn/asm/pool';

/** One piece finds, for rows begin..end of batch * outHeight, the place of the first element that equals y or is NaN. */
export function maxPoolSwitches(begin: i32, end: i32, x: usize, y: usize, switches: usize, shape: usize): void {
  const s = changetype<PoolShape>(shape);
  const rows = rowTable(shape), columns = columnTable(shape);
  const pixel = <usize>s.channels << 2;
  const toSwitches = switches - y;
  let to = y + <usize>(begin * s.outWidth) * pixel;
  for (let row = begin; row < end; row++) {
    const b = row / s.outHeight, oy = row - b * s.outHeight;
    const picture = x + <usize>(b * s.inHeight * s.inWidth) * pixel;
    const top = firstOf(rows, oy), bottom = top + (countOf(rows, oy) - 1) * s.rowStep;
    for (let ox = 0; ox < s.outWidth; ox++, to += pixel) {
      const left = firstOf(columns, ox), right = left + (countOf(columns, ox) - 1) * s.columnStep;
      for (let c = 0; c < s.channels; c += 4) {
        const skip = <usize>c << 2, lanes = s.channels - c;
        const m = loadLanes(to + skip, lanes);
        let found = f32x4.splat(0);
        // From the last place to the first, so that the first stays.
        for (let iy = bottom; iy >= top; iy -= s.rowStep) {
          for (let ix = right; ix >= left; ix -= s.columnStep) {
            const place = iy * s.inWidth + ix;
            const v = loadLanes(picture + <usize>place * pixel + skip, lanes);
            found = v128.bitselect(f32x4.splat(<f32>place), found, v128.or(f32x4.eq(v, m), f32x4.ne(v, v)));
          }
        }
        storeLanes(to + toSwitches + skip, found, lanes);
      }
    }
  }
}
