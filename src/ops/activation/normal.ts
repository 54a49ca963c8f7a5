/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/**
 * The standard normal distribution's Phi(x) in float64, by textbook formulas whose terms are all positive:
 * Phi(x) = 1/2 + density(x) (x + x^3 / 3 + x^5 / (3 5) + ...) near 0, and Laplace's continued fraction
 * 1 - Phi(x) = density(x) / (x + 1 / (x + 2 / (x + 3 / ...))) farther out (Abramowitz and Stegun 26.2.11, 26.2.14).
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < 3) {
    let term = x;
    let sum = x;
    for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    return 0.5 + normalDensity(x) * sum;
  }
  const far = Math.abs(x);
  let denominator = far;
  for (let k = 60; k > 0; k--) denominator = far + k / denominator;
  const tail = normalDensity(x) / denominator;
  return x < 0 ? tail : 1 - tail;
}
