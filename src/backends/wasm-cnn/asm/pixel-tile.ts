// The register tile of sums over pixels: C = XT DY, where a few neighbouring floats of each pixel's window
// meet the pixel's panel of dy. As in row-tile.ts the loop is not unrolled, and for the same reason.
import { madd } from './simd';

/** Rows of a tile. */
// @ts-ignore: decorator
@inline export const PIXEL_TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Bytes of a tile of sums. */
// @ts-ignore: decorator
@inline export const PIXEL_TILE_BYTES: usize = <usize>PIXEL_TILE_ROWS << 5;

/**
 * One tile: PIXEL_TILE_ROWS x 8 sums over pixels.
 *
 * @param pixel  addresses of the pixels' windows
 * @param end    end of these
 * @param offset bytes from there to the tile's first float
 * @param dy     8 floats a pixel
 * @param sums   the tile, row after row
 * @param add    whether to go on from what `sums` holds
 */
export function pixelTile(pixel: usize, end: usize, offset: usize, dy: usize, sums: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (add) {
    c00 = v128.load(sums); c01 = v128.load(sums, 16);
    c10 = v128.load(sums, 32); c11 = v128.load(sums, 48);
    c20 = v128.load(sums, 64); c21 = v128.load(sums, 80);
    c30 = v128.load(sums, 96); c31 = v128.load(sums, 112);
    c40 = v128.load(sums, 128); c41 = v128.load(sums, 144);
    if (PIXEL_TILE_ROWS == 6) { c50 = v128.load(sums, 160); c51 = v128.load(sums, 176); }
  }
  for (; pixel < end; pixel += 4, dy += 32) {
    const x = load<usize>(pixel) + offset;
    const b0 = v128.load(dy), b1 = v128.load(dy, 16);
    let a = v128.load32_splat(x);
    c00 = madd(a, b0, c00); c01 = madd(a, b1, c01);
    a = v128.load32_splat(x, 4);
    c10 = madd(a, b0, c10); c11 = madd(a, b1, c11);
    a = v128.load32_splat(x, 8);
    c20 = madd(a, b0, c20); c21 = madd(a, b1, c21);
    a = v128.load32_splat(x, 12);
    c30 = madd(a, b0, c30); c31 = madd(a, b1, c31);
    a = v128.load32_splat(x, 16);
    c40 = madd(a, b0, c40); c41 = madd(a, b1, c41);
    if (PIXEL_TILE_ROWS == 6) {
      a = v128.load32_splat(x, 20);
      c50 = madd(a, b0, c50); c51 = madd(a, b1, c51);
    }
  }
  v128.store(sums, c00); v128.store(sums, c01, 16);
  v128.store(sums, c10, 32); v128.store(sums, c11, 48);
  v128.store(sums, c20, 64); v128.store(sums, c21, 80);
  v128.store(sums, c30, 96); v128.store(sums, c31, 112);
  v128.store(sums, c40, 128); v128.store(sums, c41, 144);
  if (PIXEL_TILE_ROWS == 6) { v128.store(sums, c50, 160); v128.store(sums, c51, 176); }
}
