import { exp, log } from '../../initializers/exact-math.js';
import { RandomBits } from '../../initializers/random-bits.js';
import { normal } from '../../initializers/ziggurat.js';
import { drawSeed } from '../draws.js';
import type { Random } from '../transform.js';

/**
 * A number in [0, 1] with the symmetric beta distribution: density in proportion to (x (1 - x))^(alpha - 1). X / (X + Y) of two
 * gamma distributed numbers, by their logarithms, since of a small alpha both may be less than the least number there is. Takes
 * one number, and gives the same bits on every machine.
 */
export function drawBeta(random: Random, alpha: number): number {
  const bits = new RandomBits(drawSeed(random));
  const difference = logGamma(bits, alpha) - logGamma(bits, alpha);
  // 1 / (1 + e^-d) is 1 in float64 beyond 40.
  if (Math.abs(difference) > 40) return difference > 0 ? 1 : 0;
  const eighth = exp(-difference / 8);
  return 1 / (1 + eighth ** 8);
}

/**
 * Logarithm of a gamma distributed number of that shape.
 * Source: Marsaglia and Tsang 2000 (A Simple Method for Generating Gamma Variables); of shapes below 1 by that of shape + 1
 * times U^(1 / shape), as there.
 */
function logGamma(bits: RandomBits, shape: number): number {
  if (shape < 1) return logGamma(bits, shape + 1) + log(fraction(bits)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(bits.next(), bits);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const logCube = 3 * log(root);
    if (log(fraction(bits)) < 0.5 * x * x + d - d * root ** 3 + d * logCube) return log(d) + logCube;
  }
}

/** Uniform in (0, 1). */
function fraction(bits: RandomBits): number {
  return bits.nextFraction() + 2 ** -33;
}
