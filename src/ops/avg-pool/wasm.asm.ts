// Average pooling. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
import { Sum, sumWindows } from '../../backends/wasm-cnn/asm/window-sum';

/** One piece computes rows begin..end of batch * outHeight of y. */
export function avgPoolForward(begin: i32, end: i32, x: usize, y: usize, shape: usize): void {
  sumWindows(Sum.Average, begin, end, x, 0, y, shape);
}

/** One piece computes rows begin..end of batch * inHeight of dx; the shape is that of the adjoint. */
export function avgPoolDx(begin: i32, end: i32, dy: usize, dx: usize, shape: usize): void {
  sumWindows(Sum.Share, begin, end, dy, 0, dx, shape);
}
