// C = A B + bias for a few rows of A (one picture through a dense layer): B is read once as it lies, since
// packing it would cost more than the product.
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../backends/wasm-cnn/asm/simd';

/** Matrices are row-major and without gaps. */
@unmanaged class FewRowsTask {
  a: usize;
  b: usize;
  c: usize;
  /** 0 for none. */
  bias: usize;
  rows: i32;
  columns: i32;
  depth: i32;
  activation: i32;
}

/** Columns [begin, end) where B lies as [depth, columns]. */
export function fewRows(begin: i32, end: i32, task: FewRowsTask): void {
  const stepBytes = <usize>task.columns << 2, from = <usize>begin << 2, count = end - begin;
  for (let row = 0; row < task.rows; row++) {
    const c = task.c + <usize>row * stepBytes + from;
    for (let i = 0; i < count; i += 4) {
      const at = <usize>i << 2;
      storeLanes(c + at, task.bias ? loadLanes(task.bias + from + at, count - i) : f32x4.splat(0), count - i);
    }
  }
  for (let k = 0; k < task.depth; k += 4) {
    const steps = min(4, task.depth - k), b = task.b + <usize>k * stepBytes + from;
    for (let row = 0; row < task.rows; row++) {
      const a = task.a + (<usize>(row * task.depth + k) << 2), c = task.c + <usize>row * stepBytes + from;
      if (steps == 4) addFour(a, b, stepBytes, c, count);
      else for (let i: usize = 0; i < <usize>steps; i++) addOne(f32.load(a + (i << 2)), b + i * stepBytes, c, count);
    }
  }
  if (!task.activation) return;
  for (let row = 0; row < task.rows; row++) activate(task.c + <usize>row * stepBytes + from, count, task.activation);
}

/** c += four floats of a times four rows of b. */
function addFour(a: usize, b: usize, step: usize, c: usize, count: i32): void {
  const a0 = v128.load32_splat(a), a1 = v128.load32_splat(a, 4), a2 = v128.load32_splat(a, 8), a3 = v128.load32_splat(a, 12);
  const whole = c + (<usize>(count & ~3) << 2);
  for (; c < whole; c += 16, b += 16) {
    const two = b + 2 * step;
    let sum = madd(a0, v128.load(b), v128.load(c));
    sum = madd(a1, v128.load(b + step), sum);
    sum = madd(a2, v128.load(two), sum);
    v128.store(c, madd(a3, v128.load(two + step), sum));
  }
  for (let i: usize = 0; i < 4; i++, b += step) addOne(f32.load(a + (i << 2)), b, c, count & 3);
}

function addOne(a: f32, b: usize, c: usize, count: i32): void {
  for (; count > 0; count -= 4, b += 16, c += 16) {
    storeLanes(c, madd(f32x4.splat(a), loadLanes(b, count), loadLanes(c, count)), count);
  }
}

/** Columns [begin, end) where B lies as [columns, depth]. */
export function fewRowsTransposed(begin: i32, end: i32, task: FewRowsTask): void {
  const depthBytes = <usize>task.depth << 2;
  for (let column = begin; column < end; column++) {
    const b = task.b + <usize>column * depthBytes;
    for (let row = 0; row < task.rows; row++) {
      let sum = dot(task.a + <usize>row * depthBytes, b, task.depth);
      if (task.bias) sum += f32.load(task.bias + (<usize>column << 2));
      f32.store(task.c + (<usize>(row * task.columns + column) << 2), sum);
    }
  }
  if (!task.activation) return;
  for (let row = 0; row < task.rows; row++) activate(task.c + (<usize>(row * task.columns + begin) << 2), end - begin, task.activation);
}

function dot(a: usize, b: usize, count: i32): f32 {
  let p = f32x4.splat(0), q = p, r = p, s = p;
  for (; count >= 16; count -= 16, a += 64, b += 64) {
    p = madd(v128.load(a), v128.load(b), p);
    q = madd(v128.load(a, 16), v128.load(b, 16), q);
    r = madd(v128.load(a, 32), v128.load(b, 32), r);
    s = madd(v128.load(a, 48), v128.load(b, 48), s);
  }
  for (; count > 0; count -= 4, a += 16, b += 16) p = madd(loadLanes(a, count), loadLanes(b, count), p);
  p = f32x4.add(f32x4.add(p, q), f32x4.add(r, s));
  return f32x4.extract_lane(p, 0) + f32x4.extract_lane(p, 1) + (f32x4.extract_lane(p, 2) + f32x4.extract_lane(p, 3));
}

function activate(at: usize, count: i32, activation: i32): void {
  for (; count > 0; count -= 4, at += 16) storeLanes(at, applyActivation(loadLanes(at, count), activation), count);
}
