// Batch normalisation over x [rows, channels]. Rows are taken together until their numbers fill enough whole
// vectors: with 6 channels, 16 rows make a "wide row" of 96. Every per-channel vector is repeated to that
// width, and what is summed per column of a wide row is folded to channels afterwards. The rows left over
// at the end are summed one number at a time.
//
// Parameters lie behind each other, `width` numbers each: mean, scale, offset, and for the gradient slope
// and shift, so that y = (x - mean) scale + offset and dx = scale dz + slope (x - mean) + shift.
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';
import {
  batchNormGradientRow, batchNormGradientRows4, batchNormSpreadRow, batchNormSpreadRows4, batchNormSumRow,
} from './row-sums.asm';

/** What the driver in wasm.ts writes with `struct`. */
@unmanaged
class BatchNormShape {
  channels: i32;
  /** Numbers of a wide row: a multiple of 4 and of channels. */
  width: i32;
  wideRows: i32;
  /** Numbers behind the last wide row. */
  tail: i32;
  /** Wide rows a piece. */
  grain: i32;
  /** 1 where relu follows. */
  relu: i32;
}

/** Wide rows whose mean is a piece's pivot. */
const FIRST = 64;

// @ts-ignore: decorator
@inline function bytesOf(floats: i32): usize {
  return <usize>floats << 2;
}

/** The wide row behind the piece's last; the tail belongs to the piece that ends behind `wideRows`. */
// @ts-ignore: decorator
@inline function pieceEnd(s: BatchNormShape, piece: i32): i32 {
  return min((piece + 1) * s.grain, s.wideRows + (s.tail ? 1 : 0));
}

/** Rows of x in the piece. */
function rowsOfPiece(s: BatchNormShape, piece: i32): i32 {
  const end = pieceEnd(s, piece);
  const numbers = (min(end, s.wideRows) - piece * s.grain) * s.width + (end > s.wideRows ? s.tail : 0);
  return numbers / s.channels;
}

/** Adds the columns that stand for one channel: the sums are in the first `channels` numbers then. */
function fold(s: BatchNormShape, sums: usize): void {
  const step = bytesOf(s.channels);
  const end = sums + bytesOf(s.width);
  for (let c: usize = 0; c < step; c += 4) {
    let sum: f32 = 0;
    for (let at = sums + c; at < end; at += step) sum += load<f32>(at);
    store<f32>(sums + c, sum);
  }
}

/** Repeats the first `channels` numbers to the full width. */
function spread(s: BatchNormShape, values: usize): void {
  const step = bytesOf(s.channels);
  const end = values + bytesOf(s.width);
  for (let at = values + step; at < end; at += step) memory.copy(at, values, step);
}

/**
 * partials[piece] = pivot, sum (x - pivot), sum (x - pivot)^2 of the piece's rows, each `width` numbers with
 * the channels first. The pivot is the mean of the piece's first rows, at least an eighth of them: then
 * (mean - pivot)^2 is at most eight times the variance, and what the second sum takes back from the third
 * costs three bits at most. A second pass around the piece's own mean would cost a half of the time.
 */
export function batchNormMoments(begin: i32, end: i32, shape: usize, x: usize, partials: usize): void {
  for (let piece = begin; piece < end; piece++) momentsOfPiece(changetype<BatchNormShape>(shape), piece, x, partials);
}

function momentsOfPiece(s: BatchNormShape, piece: i32, x: usize, partials: usize): void {
  const step = bytesOf(s.width);
  const begin = piece * s.grain;
  const end = pieceEnd(s, piece);
  const pivot = partials + <usize>piece * 3 * step;
  const sum = pivot + step;
  const squares = sum + step;
  memory.fill(pivot, 0, 3 * step);
  const whole = min(end, s.wideRows);
  const tail = x + <usize>s.wideRows * step;
  const tailBytes = end > s.wideRows ? bytesOf(s.tail) : 0;

  const first = min(FIRST, whole - begin);
  let row = x + <usize>begin * step;
  for (let r = 0; r < first; r++) batchNormSumRow(row + <usize>r * step, step, pivot);
  let count = <f32>(first * (s.width / s.channels));
  if (first == 0) {
    memory.copy(pivot, tail, tailBytes);
    count = <f32>(s.tail / s.channels);
  }
  fold(s, pivot);
  for (let c: usize = 0; c < bytesOf(s.channels); c += 4) store<f32>(pivot + c, load<f32>(pivot + c) / count);
  spread(s, pivot);

  let r = begin;
  for (; r + 4 <= whole; r += 4, row += 4 * step) batchNormSpreadRows4(row, step, pivot, sum, squares);
  for (; r < whole; r++, row += step) batchNormSpreadRow(row, step, pivot, sum, squares);
  for (let at: usize = 0; at < tailBytes; at += 4) {
    const d = load<f32>(tail + at) - load<f32>(pivot + at);
    store<f32>(sum + at, load<f32>(sum + at) + d);
    store<f32>(squares + at, load<f32>(squares + at) + d * d);
  }
  fold(s, sum);
  fold(s, squares);
}

/** (1 - momentum) running + momentum batch; the batch's alone where there is no running statistic. */
function blend(running: usize, c: usize, batch: f64, momentum: f64): f32 {
  return <f32>(running ? (1 - momentum) * <f64>load<f32>(running + c) + momentum * batch : batch);
}

/** Channels [begin, end): puts the pieces' moments together (Chan, Golub and LeVeque) in float64, in the order of the pieces. */
export function batchNormStatistics(
  begin: i32, end: i32, shape: usize, partials: usize, pieces: i32, mean: usize, variance: usize,
  runningMean: usize, runningVariance: usize, newMean: usize, newVariance: usize, momentum: f64, unbiasing: f64,
): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  for (let c = bytesOf(begin); c < bytesOf(end); c += 4) {
    let rows: f64 = 0;
    let centre: f64 = 0;
    let squares: f64 = 0;
    for (let piece = 0; piece < pieces; piece++) {
      const n = <f64>rowsOfPiece(s, piece);
      const at = partials + <usize>piece * 3 * step + c;
      const left = <f64>load<f32>(at + step);
      const own = <f64>load<f32>(at) + left / n;
      const difference = own - centre;
      rows += n;
      squares += <f64>load<f32>(at + 2 * step) - left * left / n + difference * difference * n * (rows - n) / rows;
      centre += difference * n / rows;
    }
    const spread = max<f64>(squares / rows, 0);
    store<f32>(mean + c, <f32>centre);
    store<f32>(variance + c, <f32>spread);
    store<f32>(newMean + c, blend(runningMean, c, centre, momentum));
    store<f32>(newVariance + c, blend(runningVariance, c, spread * unbiasing, momentum));
  }
}

/** Mean, scale and offset, repeated to the full width. The same numbers in the forward and the backward pass. */
export function batchNormParameters(
  shape: usize, mean: usize, variance: usize, gamma: usize, beta: usize, epsilon: f64, parameters: usize,
): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  for (let c: usize = 0; c < bytesOf(s.channels); c += 4) {
    const factor: f64 = gamma ? <f64>load<f32>(gamma + c) : 1;
    store<f32>(parameters + c, load<f32>(mean + c));
    store<f32>(parameters + step + c, <f32>(factor / Math.sqrt(<f64>load<f32>(variance + c) + epsilon)));
    store<f32>(parameters + 2 * step + c, beta ? load<f32>(beta + c) : 0);
  }
  spread(s, parameters);
  spread(s, parameters + step);
  spread(s, parameters + 2 * step);
}

/** y before the activation of four numbers in the columns at `column`. */
// @ts-ignore: decorator
@inline function affine(x: v128, column: usize, step: usize): v128 {
  return madd(f32x4.sub(x, v128.load(column)), v128.load(column + step), v128.load(column + 2 * step));
}

/** y = (x - mean) scale + offset, and relu. */
export function batchNormApply(begin: i32, end: i32, shape: usize, x: usize, parameters: usize, y: usize): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  const floor = f32x4.splat(s.relu ? 0 : -Infinity);
  for (let r = begin; r < end; r++) {
    const length = bytesOf(r < s.wideRows ? s.width : s.tail);
    const row = <usize>r * step;
    let at: usize = 0;
    for (; at + 16 <= length; at += 16) {
      v128.store(y + row + at, f32x4.pmax(affine(v128.load(x + row + at), parameters + at, step), floor));
    }
    const rest = <i32>((length - at) >> 2);
    if (rest) storeTail(y + row + at, f32x4.pmax(affine(loadTail(x + row + at, rest), parameters + at, step), floor), rest);
  }
}

/** dy, but 0 where relu stopped y. */
// @ts-ignore: decorator
@inline function unfused(dy: v128, x: v128, column: usize, step: usize, relu: i32): v128 {
  return relu ? v128.andnot(dy, f32x4.le(affine(x, column, step), f32x4.splat(0))) : dy;
}

/** partials[piece] = sum dz, sum dz (x - mean), each `width` numbers with the channels first. */
export function batchNormGradientSums(
  begin: i32, end: i32, shape: usize, dy: usize, x: usize, parameters: usize, partials: usize,
): void {
  const s = changetype<BatchNormShape>(shape);
  for (let piece = begin; piece < end; piece++) gradientSumsOfPiece(s, piece, dy, x, parameters, partials);
}

function gradientSumsOfPiece(s: BatchNormShape, piece: i32, dy: usize, x: usize, parameters: usize, partials: usize): void {
  const step = bytesOf(s.width);
  const begin = piece * s.grain;
  const end = pieceEnd(s, piece);
  const plain = partials + <usize>piece * 2 * step;
  const weighted = plain + step;
  memory.fill(plain, 0, 2 * step);
  const whole = min(end, s.wideRows);
  let r = begin, at = <usize>begin * step;
  for (; r + 4 <= whole; r += 4, at += 4 * step) batchNormGradientRows4(dy + at, x + at, step, parameters, s.relu, plain, weighted);
  for (; r < whole; r++, at += step) batchNormGradientRow(dy + at, x + at, step, parameters, s.relu, plain, weighted);
  if (end > s.wideRows) {
    const row = <usize>s.wideRows * step;
    for (let at: usize = 0; at < bytesOf(s.tail); at += 4) {
      const value = load<f32>(x + row + at) - load<f32>(parameters + at);
      const z = value * load<f32>(parameters + step + at) + load<f32>(parameters + 2 * step + at);
      const dz: f32 = s.relu && z <= 0 ? 0 : load<f32>(dy + row + at);
      store<f32>(plain + at, load<f32>(plain + at) + dz);
      store<f32>(weighted + at, load<f32>(weighted + at) + dz * value);
    }
  }
  fold(s, plain);
  fold(s, weighted);
}

/** dgamma, dbeta where wanted (not 0), and the slope and shift of dx behind the other parameters where `rows` is not 0. */
export function batchNormGradientFinish(
  shape: usize, partials: usize, pieces: i32, variance: usize, epsilon: f64, rows: f64,
  parameters: usize, dgamma: usize, dbeta: usize,
): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  for (let c: usize = 0; c < bytesOf(s.channels); c += 4) {
    let plain: f64 = 0;
    let weighted: f64 = 0;
    for (let piece = 0; piece < pieces; piece++) {
      const at = partials + <usize>piece * 2 * step + c;
      plain += <f64>load<f32>(at);
      weighted += <f64>load<f32>(at + step);
    }
    const power = <f64>load<f32>(variance + c) + epsilon;
    if (dgamma) store<f32>(dgamma + c, <f32>(weighted / Math.sqrt(power)));
    if (dbeta) store<f32>(dbeta + c, <f32>plain);
    if (rows == 0) continue;
    const scale = <f64>load<f32>(parameters + step + c);
    store<f32>(parameters + 3 * step + c, <f32>(-scale * weighted / (power * rows)));
    store<f32>(parameters + 4 * step + c, <f32>(-scale * plain / rows));
  }
  if (rows == 0) return;
  spread(s, parameters + 3 * step);
  spread(s, parameters + 4 * step);
}

// @ts-ignore: decorator
@inline function inputGradient(dy: v128, x: v128, column: usize, step: usize, relu: i32): v128 {
  const dz = unfused(dy, x, column, step, relu);
  const rest = madd(f32x4.sub(x, v128.load(column)), v128.load(column + 3 * step), v128.load(column + 4 * step));
  return madd(dz, v128.load(column + step), rest);
}

/** dx with batch statistics. */
export function batchNormGradient(
  begin: i32, end: i32, shape: usize, dy: usize, x: usize, parameters: usize, dx: usize,
): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  for (let r = begin; r < end; r++) {
    const length = bytesOf(r < s.wideRows ? s.width : s.tail);
    const row = <usize>r * step;
    let at: usize = 0;
    for (; at + 16 <= length; at += 16) {
      const i = row + at;
      v128.store(dx + i, inputGradient(v128.load(dy + i), v128.load(x + i), parameters + at, step, s.relu));
    }
    const i = row + at;
    const rest = <i32>((length - at) >> 2);
    if (rest) storeTail(dx + i, inputGradient(loadTail(dy + i, rest), loadTail(x + i, rest), parameters + at, step, s.relu), rest);
  }
}

/** dx with given statistics: dz scale. x is read only where relu follows. */
export function batchNormFrozenGradient(
  begin: i32, end: i32, shape: usize, dy: usize, x: usize, parameters: usize, dx: usize,
): void {
  const s = changetype<BatchNormShape>(shape);
  const step = bytesOf(s.width);
  for (let r = begin; r < end; r++) {
    const length = bytesOf(r < s.wideRows ? s.width : s.tail);
    const row = <usize>r * step;
    let at: usize = 0;
    for (; at + 16 <= length; at += 16) {
      const i = row + at;
      const dz = s.relu ? unfused(v128.load(dy + i), v128.load(x + i), parameters + at, step, 1) : v128.load(dy + i);
      v128.store(dx + i, f32x4.mul(dz, v128.load(parameters + step + at)));
    }
    const i = row + at;
    const rest = <i32>((length - at) >> 2);
    if (!rest) continue;
    const dz = unfused(loadTail(dy + i, rest), loadTail(x + i, rest), parameters + at, step, s.relu);
    storeTail(dx + i, f32x4.mul(dz, v128.load(parameters + step + at)), rest);
  }
}
