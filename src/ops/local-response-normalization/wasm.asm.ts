// Local response normalization over the contiguous channels. x, y, dy, dx [pixels, channels].
import { exp4 } from '../../backends/wasm-cnn/asm/activation';
import { log4 } from '../../backends/wasm-cnn/asm/log';
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

/** What the jobs have in common; the order of src/ops/local-response-normalization/wasm.ts. */
@unmanaged
class Job {
  pixels: i32;
  perJob: i32;
  channels: i32;
  below: i32;
  above: i32;
  workspace: usize;
  rowBytes: i32;
}

/** s^-beta. The usual exponents are roots. */
// @ts-ignore: decorator
@inline function negativePower(s: v128, beta: f32): v128 {
  const one = f32x4.splat(1);
  if (beta == 0.75) {
    const root = f32x4.sqrt(s);
    return f32x4.div(one, f32x4.mul(root, f32x4.sqrt(root)));
  }
  if (beta == 0.5) return f32x4.div(one, f32x4.sqrt(s));
  if (beta == 1) return f32x4.div(one, s);
  return anyPower(s, -beta);
}

function anyPower(s: v128, exponent: f32): v128 {
  return exp4(f32x4.mul(log4(s), f32x4.splat(exponent)));
}

/** Sum of the values from p on, each with its three neighbours. */
// @ts-ignore: decorator
@inline function windowSum(p: usize, size: i32): v128 {
  let sum = v128.load(p);
  for (let j = 1; j < size; j++) sum = f32x4.add(sum, v128.load(p + (<usize>j << 2)));
  return sum;
}

/** Squares of one pixel's channels, into a row of zeros. */
// @ts-ignore: decorator
@inline function squareRow(x: usize, channels: i32, row: usize): void {
  const whole = <usize>(channels & ~3) << 2;
  let c: usize = 0;
  for (; c < whole; c += 16) {
    const v = v128.load(x + c);
    v128.store(row + c, f32x4.mul(v, v));
  }
  if (channels & 3) {
    const v = loadTail(x + c, channels & 3);
    storeTail(row + c, f32x4.mul(v, v), channels & 3);
  }
}

/** Each of jobs begin..end normalizes `perJob` pixels with a row of workspace of its own. */
export function lrnForward(begin: i32, end: i32, x: usize, y: usize, job: usize, alpha: f32, beta: f32, k: f32): void {
  const j = changetype<Job>(job);
  const size = j.below + 1 + j.above;
  const whole = <usize>(j.channels & ~3) << 2, rest = j.channels & 3;
  const a = f32x4.splat(alpha), k4 = f32x4.splat(k);
  for (; begin < end; begin++) {
    const squares = j.workspace + <usize>(begin * j.rowBytes);
    memory.fill(squares, 0, j.rowBytes);
    const last = min(j.pixels, (begin + 1) * j.perJob);
    for (let pixel = begin * j.perJob; pixel < last; pixel++) {
      const from = x + (<usize>pixel * <usize>j.channels << 2), to = y + (<usize>pixel * <usize>j.channels << 2);
      squareRow(from, j.channels, squares + (<usize>j.below << 2));
      let c: usize = 0;
      for (; c < whole; c += 16) {
        const s = madd(windowSum(squares + c, size), a, k4);
        v128.store(to + c, f32x4.mul(v128.load(from + c), negativePower(s, beta)));
      }
      if (rest) {
        const s = madd(windowSum(squares + c, size), a, k4);
        storeTail(to + c, f32x4.mul(loadTail(from + c, rest), negativePower(s, beta)), rest);
      }
    }
  }
}

/** dy / s^beta; what the windows send back, dy x / s^(beta + 1), is left in `shares`. */
// @ts-ignore: decorator
@inline function direct(dy: v128, x: v128, squares: usize, size: i32, alpha: v128, beta: f32, k: v128, shares: usize): v128 {
  const s = madd(windowSum(squares, size), alpha, k);
  const own = f32x4.mul(dy, negativePower(s, beta));
  v128.store(shares, f32x4.div(f32x4.mul(own, x), s));
  return own;
}

/** Each of jobs begin..end computes dx of `perJob` pixels with two rows of workspace of its own. */
export function lrnDx(begin: i32, end: i32, dy: usize, x: usize, dx: usize, job: usize, alpha: f32, beta: f32, k: f32): void {
  const j = changetype<Job>(job);
  const size = j.below + 1 + j.above;
  const whole = <usize>(j.channels & ~3) << 2, rest = j.channels & 3;
  const a = f32x4.splat(alpha), k4 = f32x4.splat(k), factor = f32x4.splat(-2 * alpha * beta);
  for (; begin < end; begin++) {
    const squares = j.workspace + <usize>(2 * begin * j.rowBytes);
    // The windows that hold a channel reach as far the other way.
    const shares = squares + <usize>j.rowBytes, middle = shares + (<usize>j.above << 2);
    memory.fill(squares, 0, 2 * j.rowBytes);
    const last = min(j.pixels, (begin + 1) * j.perJob);
    for (let pixel = begin * j.perJob; pixel < last; pixel++) {
      const at = <usize>pixel * <usize>j.channels << 2;
      const px = x + at, pdy = dy + at, pdx = dx + at;
      squareRow(px, j.channels, squares + (<usize>j.below << 2));
      let c: usize = 0;
      for (; c < whole; c += 16) {
        v128.store(pdx + c, direct(v128.load(pdy + c), v128.load(px + c), squares + c, size, a, beta, k4, middle + c));
      }
      // Beyond the last channel x and dy are taken as zeros, and so are the shares.
      if (rest) {
        storeTail(pdx + c, direct(loadTail(pdy + c, rest), loadTail(px + c, rest), squares + c, size, a, beta, k4, middle + c), rest);
      }
      for (c = 0; c < whole; c += 16) {
        const through = f32x4.mul(f32x4.mul(v128.load(px + c), factor), windowSum(shares + c, size));
        v128.store(pdx + c, f32x4.add(v128.load(pdx + c), through));
      }
      if (rest) {
        const through = f32x4.mul(f32x4.mul(loadTail(px + c, rest), factor), windowSum(shares + c, size));
        storeTail(pdx + c, f32x4.add(loadTail(pdx + c, rest), through), rest);
      }
    }
  }
}
