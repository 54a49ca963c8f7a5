// One piece works on the rows [begin, end) of logits [batch, classes].
import { exp4 } from '../../backends/wasm-cnn/asm/activation';
import { largest, natural, sumLanes } from '../../backends/wasm-cnn/asm/row';
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

/** probabilities = exp(z - max); returns their sum. Lanes behind the row's end count 0. */
function exponentials(z: usize, max: f32, probabilities: usize, classes: i32): f32 {
  const shift = f32x4.splat(max);
  const bytes = <usize>classes << 2;
  let sum = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const e = exp4(f32x4.sub(v128.load(z + at), shift));
    v128.store(probabilities + at, e);
    sum = f32x4.add(sum, e);
  }
  let total = sumLanes(sum);
  const rest = classes & 3;
  if (rest) {
    const e = exp4(f32x4.sub(loadTail(z + at, rest), shift));
    storeTail(probabilities + at, e, rest);
    for (; at < bytes; at += 4) total += load<f32>(probabilities + at);
  }
  return total;
}

function scale(row: usize, factor: f32, classes: i32): void {
  const factors = f32x4.splat(factor);
  const bytes = <usize>classes << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), factors));
  for (; at < bytes; at += 4) store<f32>(row + at, load<f32>(row + at) * factor);
}

/** Sum over the classes of q (logSum - (z - max)), q = keep label + spread; terms with q = 0 are 0. */
function denseLoss(z: usize, labels: usize, max: f32, logSum: f32, keep: f32, spread: f32, classes: i32): f32 {
  const bytes = <usize>classes << 2;
  let total: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) {
    const q = keep * load<f32>(labels + at) + spread;
    if (q != 0) total += <f64>(q * (logSum - (load<f32>(z + at) - max)));
  }
  return <f32>total;
}

/** The same for the label of one class. */
function indexedLoss(z: usize, label: f32, max: f32, logSum: f32, keep: f32, spread: f32, classes: i32): f32 {
  if (!(label >= 0 && label < <f32>classes)) return f32.NaN;
  const own = load<f32>(z + (<usize>label << 2));
  // Where keep is 0, an own logit of -infinity must not turn into NaN.
  let total: f64 = keep != 0 ? <f64>(keep * (logSum - (own - max))) : 0;
  if (spread == 0) return <f32>total;
  const bytes = <usize>classes << 2;
  for (let at: usize = 0; at < bytes; at += 4) total += <f64>(spread * (logSum - (load<f32>(z + at) - max)));
  return <f32>total;
}

// @ts-ignore: decorator
@inline function weightOf(weights: usize, row: usize): f32 {
  return weights ? load<f32>(weights + (row << 2)) : 1;
}

/** rowLosses [batch] and probabilities [batch, classes]; weights is 0 where all are 1. */
export function softmaxCrossEntropyForward(
  begin: i32, end: i32, logits: usize, labels: usize, weights: usize, rowLosses: usize, probabilities: usize,
  classes: i32, indexed: i32, smoothing: f32,
): void {
  const keep: f32 = 1.0 - smoothing;
  const spread = smoothing / <f32>classes;
  for (let row = <usize>begin; row < <usize>end; row++) {
    const offset = (row * <usize>classes) << 2;
    const z = logits + offset;
    const max = largest(z, classes);
    const sum = exponentials(z, max, probabilities + offset, classes);
    scale(probabilities + offset, 1 / sum, classes);
    const logSum = <f32>natural(sum);
    const loss = indexed
      ? indexedLoss(z, load<f32>(labels + (row << 2)), max, logSum, keep, spread, classes)
      : denseLoss(z, labels + offset, max, logSum, keep, spread, classes);
    // What the labels leave out must not hide a row that has no probabilities.
    store<f32>(rowLosses + (row << 2), sum > 0 ? loss * weightOf(weights, row) : f32.NaN);
  }
}

/** dlogits = dy w weight (p sum(q) - q); dyStep is 4 where every row has a dy of its own, else 0. */
export function softmaxCrossEntropyGradient(
  begin: i32, end: i32, dy: usize, dyStep: usize, labels: usize, weights: usize, probabilities: usize, dlogits: usize,
  classes: i32, indexed: i32, smoothing: f32, weight: f32,
): void {
  const keep: f32 = 1.0 - smoothing;
  const spread = smoothing / <f32>classes;
  for (let row = <usize>begin; row < <usize>end; row++) {
    const offset = (row * <usize>classes) << 2;
    const factor = load<f32>(dy + row * dyStep) * weightOf(weights, row) * weight;
    if (indexed) {
      gradientOfClass(probabilities + offset, load<f32>(labels + (row << 2)), dlogits + offset, factor, keep, spread, classes);
    } else gradientOfLabels(probabilities + offset, labels + offset, dlogits + offset, factor, keep, spread, classes);
  }
}

function gradientOfClass(p: usize, label: f32, dz: usize, factor: f32, keep: f32, spread: f32, classes: i32): void {
  const exists = label >= 0 && label < <f32>classes;
  const factors = f32x4.splat(exists ? factor : f32.NaN);
  const spreads = f32x4.splat(spread);
  const bytes = <usize>classes << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(dz + at, f32x4.mul(factors, f32x4.sub(v128.load(p + at), spreads)));
  const rest = classes & 3;
  if (rest) storeTail(dz + at, f32x4.mul(factors, f32x4.sub(loadTail(p + at, rest), spreads)), rest);
  if (!exists) return;
  const own = <usize>label << 2;
  store<f32>(dz + own, factor * (load<f32>(p + own) - spread - keep));
}

function gradientOfLabels(p: usize, labels: usize, dz: usize, factor: f32, keep: f32, spread: f32, classes: i32): void {
  const bytes = <usize>classes << 2;
  let sum: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) sum += <f64>(keep * load<f32>(labels + at) + spread);
  const wanted = f32x4.splat(<f32>sum);
  const factors = f32x4.splat(factor);
  const keeps = f32x4.splat(keep);
  const spreads = f32x4.splat(spread);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const q = madd(keeps, v128.load(labels + at), spreads);
    v128.store(dz + at, f32x4.mul(factors, f32x4.sub(f32x4.mul(v128.load(p + at), wanted), q)));
  }
  const rest = classes & 3;
  if (rest) {
    const q = madd(keeps, loadTail(labels + at, rest), spreads);
    storeTail(dz + at, f32x4.mul(factors, f32x4.sub(f32x4.mul(loadTail(p + at, rest), wanted), q)), rest);
  }
}
