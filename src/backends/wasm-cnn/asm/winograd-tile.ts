// The transforms of Winograd's F(4x4, 3x3): Lavin & Gray, arXiv 1509.09308,
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
// Tiles are transformed eight channels at a time: two vectors share the pointers. What lies between the
// passes over columns and rows goes through memory, as 36 vectors are more than there are registers.
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

/** Channels that a tile's transform takes at once. */
// @ts-ignore: decorator
@inline export const GROUP: i32 = 8;

/** Bytes of a column in a table of pixels: up to six pointers, and room for eight. */
// @ts-ignore: decorator
@inline export const TABLE_COLUMN: usize = 32;

/** Bytes of workspace that a transform needs for what lies between its two passes. */
// @ts-ignore: decorator
@inline export const TEMP_BYTES: usize = 2 * 576;

// @ts-ignore: decorator
@inline function times(v: v128, factor: f32): v128 {
  return f32x4.mul(v, f32x4.splat(factor));
}

/** v * factor + c */
// @ts-ignore: decorator
@inline function fma(v: v128, factor: f32, c: v128): v128 {
  return madd(v, f32x4.splat(factor), c);
}

/** BT d to six places. */
// @ts-ignore: decorator
@inline function inputPass(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128,
  o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize): void {
  v128.store(o0, fma(d0, A2B2, fma(d2, -SUM, d4)));
  let even = fma(d2, -B2, d4);
  let odd = fma(d1, -B2, d3);
  v128.store(o1, fma(odd, A, even));
  v128.store(o2, fma(odd, -A, even));
  even = fma(d2, -A2, d4);
  odd = fma(d1, -A2, d3);
  v128.store(o3, fma(odd, B, even));
  v128.store(o4, fma(odd, -B, even));
  v128.store(o5, fma(d1, A2B2, fma(d3, -SUM, d5)));
}

/** out[p * pitch] = (BT d B)[p], p = 0..35, of the 36 pixels in the table. */
export function inputTransform(pixels: usize, channel: usize, temp: usize, out: usize, pitch: usize): void {
  for (let end = temp + 96; temp < end; temp += 16, pixels += TABLE_COLUMN) {
    const p0 = load<usize>(pixels) + channel, p1 = load<usize>(pixels, 4) + channel, p2 = load<usize>(pixels, 8) + channel;
    const p3 = load<usize>(pixels, 12) + channel, p4 = load<usize>(pixels, 16) + channel, p5 = load<usize>(pixels, 20) + channel;
    inputPass(
      v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3), v128.load(p4), v128.load(p5),
      temp, temp + 96, temp + 192, temp + 288, temp + 384, temp + 480,
    );
    inputPass(
      v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16), v128.load(p4, 16), v128.load(p5, 16),
      temp + 576, temp + 672, temp + 768, temp + 864, temp + 960, temp + 1056,
    );
  }
  temp -= 96;
  for (let end = temp + 576; temp < end; temp += 96) {
    const o1 = out + pitch, o2 = o1 + pitch, o3 = o2 + pitch, o4 = o3 + pitch, o5 = o4 + pitch;
    inputPass(
      v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), v128.load(temp, 48), v128.load(temp, 64), v128.load(temp, 80),
      out, o1, o2, o3, o4, o5,
    );
    inputPass(
      v128.load(temp, 576), v128.load(temp, 592), v128.load(temp, 608), v128.load(temp, 624), v128.load(temp, 640), v128.load(temp, 656),
      out + 16, o1 + 16, o2 + 16, o3 + 16, o4 + 16, o5 + 16,
    );
    out = o5 + pitch;
  }
}

/** A d to six places. */
// @ts-ignore: decorator
@inline function gradientPass(d0: v128, d1: v128, d2: v128, d3: v128,
  o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize): void {
  v128.store(o0, d0);
  let even = fma(d2, A2, d0);
  let odd = fma(d3, A3, times(d1, A));
  v128.store(o1, f32x4.add(even, odd));
  v128.store(o2, f32x4.sub(even, odd));
  even = fma(d2, B2, d0);
  odd = fma(d3, B3, times(d1, B));
  v128.store(o3, f32x4.add(even, odd));
  v128.store(o4, f32x4.sub(even, odd));
  v128.store(o5, d3);
}

/** out[p * pitch] = (A dy AT)[p], p = 0..35, of the 16 pixels in the table. */
export function gradientTransform(pixels: usize, channel: usize, temp: usize, out: usize, pitch: usize): void {
  for (let end = temp + 64; temp < end; temp += 16, pixels += TABLE_COLUMN) {
    const p0 = load<usize>(pixels) + channel, p1 = load<usize>(pixels, 4) + channel;
    const p2 = load<usize>(pixels, 8) + channel, p3 = load<usize>(pixels, 12) + channel;
    gradientPass(
      v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3),
      temp, temp + 64, temp + 128, temp + 192, temp + 256, temp + 320,
    );
    gradientPass(
      v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16),
      temp + 384, temp + 448, temp + 512, temp + 576, temp + 640, temp + 704,
    );
  }
  temp -= 64;
  for (let end = temp + 384; temp < end; temp += 64) {
    const o1 = out + pitch, o2 = o1 + pitch, o3 = o2 + pitch, o4 = o3 + pitch, o5 = o4 + pitch;
    gradientPass(v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), v128.load(temp, 48), out, o1, o2, o3, o4, o5);
    gradientPass(
      v128.load(temp, 384), v128.load(temp, 400), v128.load(temp, 416), v128.load(temp, 432),
      out + 16, o1 + 16, o2 + 16, o3 + 16, o4 + 16, o5 + 16,
    );
    out = o5 + pitch;
  }
}

/** AT m to four places. */
// @ts-ignore: decorator
@inline function outputPass(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128,
  o0: usize, o1: usize, o2: usize, o3: usize): void {
  const evenA = f32x4.add(m1, m2), evenB = f32x4.add(m3, m4);
  const oddA = f32x4.sub(m1, m2), oddB = f32x4.sub(m3, m4);
  v128.store(o0, f32x4.add(m0, f32x4.add(evenA, evenB)));
  v128.store(o1, fma(oddB, B, times(oddA, A)));
  v128.store(o2, fma(evenB, B2, times(evenA, A2)));
  v128.store(o3, fma(oddB, B3, fma(oddA, A3, m5)));
}

/** pmax and pmin keep a NaN that is their first operand. */
// @ts-ignore: decorator
@inline function clamp(v: v128, least: v128, most: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, least), most);
}

/** AT m + bias, kept within [least, most], to four places. */
// @ts-ignore: decorator
@inline function lastOutputPass(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, bias: v128, least: v128, most: v128,
  o0: usize, o1: usize, o2: usize, o3: usize): void {
  const evenA = f32x4.add(m1, m2), evenB = f32x4.add(m3, m4);
  const oddA = f32x4.sub(m1, m2), oddB = f32x4.sub(m3, m4);
  v128.store(o0, clamp(f32x4.add(f32x4.add(m0, bias), f32x4.add(evenA, evenB)), least, most));
  v128.store(o1, clamp(fma(oddB, B, fma(oddA, A, bias)), least, most));
  v128.store(o2, clamp(fma(evenB, B2, fma(evenA, A2, bias)), least, most));
  v128.store(o3, clamp(fma(oddB, B3, fma(oddA, A3, f32x4.add(m5, bias))), least, most));
}

/** The 16 pixels of the table = act(AT m A + bias), m[p] at m + p * pitch. */
export function outputTransform(m: usize, pitch: usize, temp: usize, pixels: usize, channel: usize, bias: usize, activation: i32): void {
  for (let end = temp + 96; temp < end; temp += 16) {
    const m1 = m + pitch, m2 = m1 + pitch, m3 = m2 + pitch, m4 = m3 + pitch, m5 = m4 + pitch;
    outputPass(
      v128.load(m), v128.load(m1), v128.load(m2), v128.load(m3), v128.load(m4), v128.load(m5),
      temp, temp + 96, temp + 192, temp + 288,
    );
    outputPass(
      v128.load(m, 16), v128.load(m1, 16), v128.load(m2, 16), v128.load(m3, 16), v128.load(m4, 16), v128.load(m5, 16),
      temp + 384, temp + 480, temp + 576, temp + 672,
    );
    m = m5 + pitch;
  }
  temp -= 96;
  const bounded = activation == 1 || activation == 2;
  const least = f32x4.splat(bounded ? 0 : -Infinity), most = f32x4.splat(activation == 2 ? 6 : Infinity);
  let column = pixels;
  for (let end = temp + 384; temp < end; temp += 96, column += TABLE_COLUMN) {
    const p0 = load<usize>(column) + channel, p1 = load<usize>(column, 4) + channel;
    const p2 = load<usize>(column, 8) + channel, p3 = load<usize>(column, 12) + channel;
    lastOutputPass(
      v128.load(temp), v128.load(temp, 16), v128.load(temp, 32), v128.load(temp, 48), v128.load(temp, 64), v128.load(temp, 80),
      v128.load(bias), least, most, p0, p1, p2, p3,
    );
    lastOutputPass(
      v128.load(temp, 384), v128.load(temp, 400), v128.load(temp, 416), v128.load(temp, 432), v128.load(temp, 448), v128.load(temp, 464),
      v128.load(bias, 16), least, most, p0 + 16, p1 + 16, p2 + 16, p3 + 16,
    );
  }
  if (activation > 2) activatePixels(pixels, channel, activation);
}

/** The curved activations, of the 16 pixels of the table. */
function activatePixels(pixels: usize, channel: usize, activation: i32): void {
  for (let column = 0; column < 4; column++, pixels += TABLE_COLUMN) {
    for (let row: usize = 0; row < 16; row += 4) {
      const at = load<usize>(pixels + row) + channel;
      v128.store(at, applyActivation(v128.load(at), activation));
      v128.store(at, applyActivation(v128.load(at, 16), activation), 16);
    }
  }
}

/** G g to six places. */
// @ts-ignore: decorator
@inline function filterPass(g0: v128, g1: v128, g2: v128,
  o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize): void {
  v128.store(o0, times(g0, G0));
  let even = times(fma(g2, A2, g0), GA);
  let odd = times(g1, A * GA);
  v128.store(o1, f32x4.add(even, odd));
  v128.store(o2, f32x4.sub(even, odd));
  even = times(fma(g2, B2, g0), GB);
  odd = times(g1, B * GB);
  v128.store(o3, f32x4.add(even, odd));
  v128.store(o4, f32x4.sub(even, odd));
  v128.store(o5, g2);
}

/** out[p * pitch] = (G g GT)[p], p = 0..35; the nine taps lie `tap` bytes apart (negative: turned by 180 degrees). */
export function filterTransform(taps: usize, tap: isize, temp: usize, out: usize, pitch: usize): void {
  for (let end = temp + 96; temp < end; temp += 32, taps += tap) {
    const t1 = taps + 3 * tap, t2 = t1 + 3 * tap;
    filterPass(
      v128.load(taps), v128.load(t1), v128.load(t2), temp, temp + 96, temp + 192, temp + 288, temp + 384, temp + 480,
    );
    filterPass(
      v128.load(taps, 16), v128.load(t1, 16), v128.load(t2, 16),
      temp + 16, temp + 112, temp + 208, temp + 304, temp + 400, temp + 496,
    );
  }
  temp -= 96;
  for (let end = temp + 576; temp < end; temp += 96) {
    const o1 = out + pitch, o2 = o1 + pitch, o3 = o2 + pitch, o4 = o3 + pitch, o5 = o4 + pitch;
    filterPass(v128.load(temp), v128.load(temp, 32), v128.load(temp, 64), out, o1, o2, o3, o4, o5);
    filterPass(
      v128.load(temp, 16), v128.load(temp, 48), v128.load(temp, 80), out + 16, o1 + 16, o2 + 16, o3 + 16, o4 + 16, o5 + 16,
    );
    out = o5 + pitch;
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

/** The nine taps at out + k * tap = (GT m G)[k] of four channels, m[p] at m + p * 16; m is overwritten. */
export function filterBackTransform(m: usize, out: usize, tap: usize): void {
  for (let column: usize = 0; column < 6; column++, m += 16) {
    filterBackPass(v128.load(m), v128.load(m, 96), v128.load(m, 192), v128.load(m, 288), v128.load(m, 384), v128.load(m, 480), m, 96);
  }
  m -= 96;
  for (let row = 0; row < 3; row++, m += 96, out += 3 * tap) {
    filterBackPass(v128.load(m), v128.load(m, 16), v128.load(m, 32), v128.load(m, 48), v128.load(m, 64), v128.load(m, 80), out, tap);
  }
}
