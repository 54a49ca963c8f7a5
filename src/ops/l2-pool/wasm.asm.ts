// L2 pooling. x, dx [batch, inHeight, inWidth, channels]; y, dy, ratio [batch, outHeight, outWidth, channels].
import { Sum, sumWindows } from '../../backends/wasm-cnn/asm/window-sum';

/** One piece computes rows begin..end of batch * outHeight of y. */
export function l2PoolForward(begin: i32, end: i32, x: usize, y: usize, shape: usize): void {
  sumWindows(Sum.Root, begin, end, x, 0, y, shape);
}

/** One piece computes elements begin..end of ratio = dy / y, 0 where y = 0. */
export function l2PoolRatio(begin: i32, end: i32, dy: usize, y: usize, ratio: usize): void {
  let i = <usize>begin << 2;
  const until = <usize>end << 2;
  for (; i + 16 <= until; i += 16) {
    const norm = v128.load(y + i);
    v128.store(ratio + i, v128.andnot(f32x4.div(v128.load(dy + i), norm), f32x4.eq(norm, f32x4.splat(0))));
  }
  for (; i < until; i += 4) {
    const norm = load<f32>(y + i);
    store<f32>(ratio + i, norm == 0 ? 0 : load<f32>(dy + i) / norm);
  }
}

/** One piece computes rows begin..end of batch * inHeight of dx; the shape is that of the adjoint. */
export function l2PoolDx(begin: i32, end: i32, ratio: usize, x: usize, dx: usize, shape: usize): void {
  sumWindows(Sum.Ratio, begin, end, ratio, x, dx, shape);
}
