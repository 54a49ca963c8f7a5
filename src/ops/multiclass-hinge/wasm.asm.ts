// One piece works on the rows [begin, end) of logits [batch, classes].
import { sumLanes } from '../../backends/wasm-cnn/asm/row';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

/** The class of a row, -1 where its index does not exist. */
function classOf(labels: usize, row: usize, classes: i32, indexed: i32): i32 {
  if (indexed) {
    const label = load<f32>(labels + (row << 2));
    return label >= 0 && label < <f32>classes ? <i32>label : -1;
  }
  const own = labels + ((row * <usize>classes) << 2);
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (load<f32>(own + (<usize>c << 2)) > load<f32>(own + (<usize>best << 2))) best = c;
  }
  return best;
}

/** All ones in the lanes whose index, counted from `first`, is not k. */
// @ts-ignore: decorator
@inline function others(first: i32, k: i32): v128 {
  return i32x4.ne(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(first)), i32x4.splat(k));
}

/** margin + z_j - z_k of four classes. */
// @ts-ignore: decorator
@inline function leads(z: v128, own: v128, margin: v128): v128 {
  return f32x4.add(margin, f32x4.sub(z, own));
}

/** rowLosses [batch]. */
export function multiclassHingeForward(
  begin: i32, end: i32, logits: usize, labels: usize, rowLosses: usize, classes: i32, indexed: i32, margin: f32,
): void {
  const zero = f32x4.splat(0);
  const margins = f32x4.splat(margin);
  const whole = classes & ~3;
  for (let row = <usize>begin; row < <usize>end; row++) {
    const k = classOf(labels, row, classes, indexed);
    if (k < 0) {
      store<f32>(rowLosses + (row << 2), f32.NaN);
      continue;
    }
    const z = logits + ((row * <usize>classes) << 2);
    const own = load<f32>(z + (<usize>k << 2));
    const owns = f32x4.splat(own);
    let sum = zero;
    for (let j = 0; j < whole; j += 4) {
      const terms = f32x4.max(zero, leads(v128.load(z + (<usize>j << 2)), owns, margins));
      sum = f32x4.add(sum, v128.and(terms, others(j, k)));
    }
    let total = sumLanes(sum);
    for (let j = whole; j < classes; j++) {
      if (j != k) total += max<f32>(0, margin + (load<f32>(z + (<usize>j << 2)) - own));
    }
    store<f32>(rowLosses + (row << 2), total);
  }
}

/** dlogits; dyStep is 4 where every row has a dy of its own, else 0. */
export function multiclassHingeGradient(
  begin: i32, end: i32, dy: usize, dyStep: usize, logits: usize, labels: usize, dlogits: usize,
  classes: i32, indexed: i32, margin: f32, weight: f32,
): void {
  const zero = f32x4.splat(0);
  const margins = f32x4.splat(margin);
  for (let row = <usize>begin; row < <usize>end; row++) {
    const z = logits + ((row * <usize>classes) << 2);
    const dz = dlogits + ((row * <usize>classes) << 2);
    const k = classOf(labels, row, classes, indexed);
    const factor = k < 0 ? f32.NaN : load<f32>(dy + row * dyStep) * weight;
    const factors = f32x4.splat(factor);
    const owns = f32x4.splat(k < 0 ? 0 : load<f32>(z + (<usize>k << 2)));
    let violations = 0;
    for (let j = 0; j < classes; j += 4) {
      const at = <usize>j << 2;
      const rest = min(4, classes - j);
      const four = rest == 4 ? v128.load(z + at) : loadTail(z + at, rest);
      let violated = v128.and(f32x4.gt(leads(four, owns, margins), zero), others(j, k));
      if (k < 0) violated = i32x4.splat(-1);
      violations += popcnt<i32>(i32x4.bitmask(violated) & ((1 << rest) - 1));
      const gradient = v128.and(factors, violated);
      if (rest == 4) v128.store(dz + at, gradient);
      else storeTail(dz + at, gradient, rest);
    }
    if (k >= 0) store<f32>(dz + (<usize>k << 2), -factor * <f32>violations);
  }
}
