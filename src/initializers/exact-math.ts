/**
 * Exponential and logarithm by + - * / alone. ECMAScript leaves the last bits of Math.exp and Math.log to the engine; these
 * give the same bits on every machine (relative error below 1e-13), as equal seeds must give equal weights.
 */

/** 1 / n! for n = 9 .. 0. */
const TAYLOR = [362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);

/** e^x for |x| <= 8: Taylor's series of x / 64, whose result is squared six times. */
export function exp(x: number): number {
  const reduced = x / 64;
  let sum = 0;
  for (let i = 0; i < TAYLOR.length; i++) sum = TAYLOR[i]! + reduced * sum;
  for (let i = 0; i < 6; i++) sum *= sum;
  return sum;
}

/** Natural logarithm of a normal x > 0: ln m = 2 artanh((m - 1) / (m + 1)) with m = x 2^-k in [2/3, 4/3). */
export function log(x: number): number {
  let power = 0;
  let m = x;
  for (; m < 2 / 3; m *= 2) power--;
  for (; m >= 4 / 3; m /= 2) power++;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n > 0; n -= 2) sum = 1 / n + square * sum;
  return power * Math.LN2 + 2 * s * sum;
}
