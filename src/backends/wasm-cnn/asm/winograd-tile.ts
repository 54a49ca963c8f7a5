// The transforms of Winograd's F(4x4, 3x3), four channels at a time: Lavin & Gray, arXiv 1509.09308,
// with the interpolation points 0, +-a, +-b, infinity where a = 11/16, b = 3/2 (theirs: a = 1, b = 2).
// These points leave less than half of the rounding error at the same number of operations, and all
// constants of A and B are exact in float32 (see winograd-error.ts).
//
//        [ a2b2  0     -(a2+b2)  0        1  0 ]         [ 1         0        0   ]
//        [ 0    -ab2   -b2       a        1  0 ]         [ 1         a        a2  ] / Na
//   BT = [ 0     ab2   -b2      -a        1  0 ]     G = [ 1        -a        a2  ] / Na      (first row / N0)
//        [ 0    -a2b   -a2       b        1  0 ]         [ 1         b        b2  ] / Nb
//        [ 0     a2b   -a2      -b        1  0 ]         [ 1        -b        b2  ] / Nb
//        [ 0     a2b2   0       -(a2+b2)  0  1 ]         [ 0         0        1   ]
//
//        [ 1  1   1   1   1   0 ]
//   AT = [ 0  a  -a   b  -b   0 ]      N0 = a2 b2,  Na = 2 a2 (a2 - b2),  Nb = 2 b2 (b2 - a2)
//        [ 0  a2  a2  b2  b2  0 ]
//        [ 0  a3 -a3  b3 -b3  1 ]
//
//   convolution    y  = AT [ sum over ci of (G g GT) * (BT d B) ] A      d: 6x6 pixels of x, y: 4x4
//   its adjoint    dg = GT [ sum over tiles of (A dy AT) * (BT d B) ] G
//
// Pixels are reached through a table of pointers, so that one outside of the picture is a row of zeros.
import { applyActivation } from './activation';
import { madd } from './simd';

const A: f32 = 0.6875;
const B: f32 = 1.5;
const A2: f32 = A * A;
const B2: f32 = B * B;
const A3: f32 = A2 * A;
const B3: f32 = B2 * B;
const A2B2: f32 = A2 * B2;
const SUM: f32 = A2 + B2;
// G's factors are rounded once, from float64.
const G0: f32 = <f32>(1.0 / (0.6875 * 0.6875 * 1.5 * 1.5));
const GA: f32 = <f32>(1.0 / (2.0 * 0.6875 * 0.6875 * (0.6875 * 0.6875 - 1.5 * 1.5)));
const GB: f32 = <f32>(1.0 / (2.0 * 1.5 * 1.5 * (1.5 * 1.5 - 0.6875 * 0.6875)));

/** Bytes of workspace that a transform needs for what lies between its two passes. */
export const TILE_TEMP: usize = 36 * 16;

// @ts-ignore: decorator
@inline function times(v: v128, factor: f32): v128 {
  return f32x4.mul(v, f32x4.splat(factor));
}

/** v * factor + c */
// @ts-ignore: decorator
@inline function fma(v: v128, factor: f32, c: v128): v128 {
  return madd(v, f32x4.splat(factor), c);
}

/** out[k * pitch] = (BT d)[k] */
// @ts-ignore: decorator
@inline function inputPass(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, out: usize, pitch: usize): void {
  v128.store(out, fma(d0, A2B2, fma(d2, -SUM, d4)));
  let even = fma(d2, -B2, d4);
  let odd = fma(d1, -B2, d3);
  out += pitch;
  v128.store(out, fma(odd, A, even));
  out += pitch;
  v128.store(out, fma(odd, -A, even));
  even = fma(d2, -A2, d4);
  odd = fma(d1, -A2, d3);
  out += pitch;
  v128.store(out, fma(odd, B, even));
  out += pitch;
  v128.store(out, fma(odd, -B, even));
  out += pitch;
  v128.store(out, fma(d1, A2B2, fma(d3, -SUM, d5)));
}

/** out[p * pitch] = (BT d B)[p], p = 0..35, of the 36 pixels in the table (column by column). */
export function inputTransform(pixels: usize, channel: usize, temp: usize, out: usize, pitch: usize): void {
  for (let end = temp + 96; temp < end; temp += 16, pixels += 24) {
    inputPass(
      v128.load(load<usize>(pixels) + channel), v128.load(load<usize>(pixels, 4) + channel),
      v128.load(load<usize>(pixels, 8) + channel), v128.load(load<usize>(pixels, 12) + channel),
      v128.load(load<usize>(pixels, 16) + channel), v128.load(load<usize>(pixels, 20) + channel), temp, 96,
    );
  }
  temp -= 96;
  const row = pitch * 6;
  for (let end = temp + 576; temp < end; temp += 96, out += row) {
    inputPass(
      v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), v128.load(temp, 48), v128.load(temp, 64), v128.load(temp, 80),
      out, pitch,
    );
  }
}

/** out[k * pitch] = (A d)[k] */
// @ts-ignore: decorator
@inline function gradientPass(d0: v128, d1: v128, d2: v128, d3: v128, out: usize, pitch: usize): void {
  v128.store(out, d0);
  let even = fma(d2, A2, d0);
  let odd = fma(d3, A3, times(d1, A));
  out += pitch;
  v128.store(out, f32x4.add(even, odd));
  out += pitch;
  v128.store(out, f32x4.sub(even, odd));
  even = fma(d2, B2, d0);
  odd = fma(d3, B3, times(d1, B));
  out += pitch;
  v128.store(out, f32x4.add(even, odd));
  out += pitch;
  v128.store(out, f32x4.sub(even, odd));
  out += pitch;
  v128.store(out, d3);
}

/** out[p * pitch] = (A dy AT)[p], p = 0..35, of the 16 pixels in the table (column by column). */
export function gradientTransform(pixels: usize, channel: usize, temp: usize, out: usize, pitch: usize): void {
  for (let end = temp + 64; temp < end; temp += 16, pixels += 16) {
    gradientPass(
      v128.load(load<usize>(pixels) + channel), v128.load(load<usize>(pixels, 4) + channel),
      v128.load(load<usize>(pixels, 8) + channel), v128.load(load<usize>(pixels, 12) + channel), temp, 64,
    );
  }
  temp -= 64;
  const row = pitch * 6;
  for (let end = temp + 384; temp < end; temp += 64, out += row) {
    gradientPass(v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), v128.load(temp, 48), out, pitch);
  }
}

/** The four sums of AT m, m from six places `pitch` apart, to temp, 96 bytes apart. */
// @ts-ignore: decorator
@inline function outputPass(m: usize, pitch: usize, temp: usize): void {
  const m0 = v128.load(m);
  m += pitch;
  let one = v128.load(m);
  m += pitch;
  let other = v128.load(m);
  m += pitch;
  const evenA = f32x4.add(one, other);
  const oddA = f32x4.sub(one, other);
  one = v128.load(m);
  m += pitch;
  other = v128.load(m);
  m += pitch;
  const evenB = f32x4.add(one, other);
  const oddB = f32x4.sub(one, other);
  v128.store(temp, f32x4.add(m0, f32x4.add(evenA, evenB)));
  v128.store(temp, fma(oddB, B, times(oddA, A)), 96);
  v128.store(temp, fma(evenB, B2, times(evenA, A2)), 192);
  v128.store(temp, fma(oddB, B3, fma(oddA, A3, v128.load(m))), 288);
}

/** The 16 pixels of the table (column by column) = act(AT m A + bias), m[p] at m + p * pitch. */
export function outputTransform(m: usize, pitch: usize, temp: usize, pixels: usize, channel: usize, bias: v128, activation: i32): void {
  const row = pitch * 6;
  for (let end = temp + 96; temp < end; temp += 16, m += row) outputPass(m, pitch, temp);
  temp -= 96;
  for (let end = temp + 384; temp < end; temp += 96, pixels += 16) {
    let one = v128.load(temp, 16);
    let other = v128.load(temp, 32);
    const evenA = f32x4.add(one, other);
    const oddA = f32x4.sub(one, other);
    one = v128.load(temp, 48);
    other = v128.load(temp, 64);
    const evenB = f32x4.add(one, other);
    const oddB = f32x4.sub(one, other);
    const y0 = f32x4.add(v128.load(temp), f32x4.add(evenA, evenB));
    const y1 = fma(oddB, B, times(oddA, A));
    const y2 = fma(evenB, B2, times(evenA, A2));
    const y3 = fma(oddB, B3, fma(oddA, A3, v128.load(temp, 80)));
    v128.store(load<usize>(pixels) + channel, applyActivation(f32x4.add(y0, bias), activation));
    v128.store(load<usize>(pixels, 4) + channel, applyActivation(f32x4.add(y1, bias), activation));
    v128.store(load<usize>(pixels, 8) + channel, applyActivation(f32x4.add(y2, bias), activation));
    v128.store(load<usize>(pixels, 12) + channel, applyActivation(f32x4.add(y3, bias), activation));
  }
}

/** out[k * pitch] = (G g)[k] */
// @ts-ignore: decorator
@inline function filterPass(g0: v128, g1: v128, g2: v128, out: usize, pitch: usize): void {
  v128.store(out, times(g0, G0));
  let even = times(fma(g2, A2, g0), GA);
  let odd = times(g1, A * GA);
  out += pitch;
  v128.store(out, f32x4.add(even, odd));
  out += pitch;
  v128.store(out, f32x4.sub(even, odd));
  even = times(fma(g2, B2, g0), GB);
  odd = times(g1, B * GB);
  out += pitch;
  v128.store(out, f32x4.add(even, odd));
  out += pitch;
  v128.store(out, f32x4.sub(even, odd));
  out += pitch;
  v128.store(out, g2);
}

/** out[p * pitch] = (G g GT)[p], p = 0..35; the nine taps lie `tap` bytes apart (negative: turned by 180 degrees). */
export function filterTransform(taps: usize, tap: isize, temp: usize, out: usize, pitch: usize): void {
  for (let column = 0; column < 3; column++, taps += tap, temp += 16) {
    filterPass(v128.load(taps), v128.load(taps + 3 * tap), v128.load(taps + 6 * tap), temp, 48);
  }
  temp -= 48;
  const row = pitch * 6;
  for (let end = temp + 288; temp < end; temp += 48, out += row) {
    filterPass(v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), out, pitch);
  }
}

/** The three sums of GT m, m from six places `pitch` apart, to out, out + 96, out + 192. */
// @ts-ignore: decorator
@inline function filterBackPass(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, out: usize, pitch: usize): void {
  const evenA = times(f32x4.add(m1, m2), GA);
  const oddA = times(f32x4.sub(m1, m2), A * GA);
  const evenB = times(f32x4.add(m3, m4), GB);
  const oddB = times(f32x4.sub(m3, m4), B * GB);
  v128.store(out, fma(m0, G0, f32x4.add(evenA, evenB)));
  v128.store(out + pitch, f32x4.add(oddA, oddB));
  v128.store(out + 2 * pitch, fma(evenA, A2, fma(evenB, B2, m5)));
}

/** The nine taps at out + k * tap = (GT m G)[k], m[p] at m + p * 16; m is overwritten. */
export function filterBackTransform(m: usize, out: usize, tap: usize): void {
  for (let column: usize = 0; column < 6; column++, m += 16) {
    filterBackPass(v128.load(m), v128.load(m, 96), v128.load(m, 192), v128.load(m, 288), v128.load(m, 384), v128.load(m, 480), m, 96);
  }
  m -= 96;
  for (let row = 0; row < 3; row++, m += 96, out += 3 * tap) {
    filterBackPass(v128.load(m), v128.load(m, 16), v128.load(m, 32), v128.load(m, 48), v128.load(m, 64), v128.load(m, 80), out, tap);
  }
}
