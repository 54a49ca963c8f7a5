/**
 * Numbers with few binary digits. A product of a grey level and such a number is exact in float32, and so are sums of a few of
 * them: bytes in JavaScript and tensors on every backend give the same grey levels, also where these are rounded afterwards.
 */

/** To the nearest 1/1024, which moves no grey level by more than 1/8. */
export function inExactSteps(factor: number): number {
  return Math.round(factor * 1024) / 1024;
}

/**
 * Weights in whole 1/one, which add up to it: rounded, and what is missing then goes to the middle.
 *
 * @param weights of odd number, adding up to 1
 */
export function wholeWeights(weights: readonly number[], one: number): Int32Array {
  const whole = Int32Array.from(weights, (weight) => Math.round(weight * one));
  whole[weights.length >> 1]! += one - whole.reduce((sum, weight) => sum + weight, 0);
  return whole;
}
