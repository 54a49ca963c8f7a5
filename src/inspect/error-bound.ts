import type { Named } from '../kernels.js';
import { seededRandom } from '../random.js';

/** Half a unit in the last place of 1 in float32: what one rounding adds at most, relatively. */
export const ROUNDING = 2 ** -24;

/** Perturbations tried. The largest of them stands for the worst. */
const TRIALS = 12;

/** The largest of a dozen random perturbations falls short of the worst one by a small factor. */
const MARGIN = 4;

/**
 * How far a float32 result may lie from the float64 one, per element. A kernel is right if its result is
 * the exact result of inputs that were each changed by as many roundings as a sum of it has terms
 * (backward stability), plus the rounding of the result itself. So the float64 function is computed again
 * on inputs changed by that much with random signs; the largest change of each element, times a margin,
 * is its bound. Source: N. Higham, Accuracy and Stability of Numerical Algorithms, sections 1.5 and 3.1.
 *
 * @param terms products in the longest sum
 */
export function errorBounds(
  f: (inputs: Named<Float64Array>) => Named<Float64Array>,
  inputs: Named<Float64Array>,
  terms: number,
  seed = 1,
): Named<Float64Array> {
  const exact = f(inputs);
  const random = seededRandom(seed);
  const relative = (terms + 2) * ROUNDING;
  const bounds: Named<Float64Array> = {};
  for (const name in exact) bounds[name] = new Float64Array(exact[name]!.length);
  for (let trial = 0; trial < TRIALS; trial++) {
    const changed: Named<Float64Array> = {};
    for (const name in inputs) changed[name] = inputs[name]!.map((v) => v * (1 + (random() < 0.5 ? -relative : relative)));
    const moved = f(changed);
    for (const name in bounds) {
      const bound = bounds[name]!;
      for (let i = 0; i < bound.length; i++) bound[i] = Math.max(bound[i]!, Math.abs(moved[name]![i]! - exact[name]![i]!));
    }
  }
  for (const name in bounds) {
    const values = exact[name]!;
    bounds[name] = bounds[name]!.map((change, i) => MARGIN * change + (terms + 2) * ROUNDING * Math.abs(values[i]!) + 2 ** -140);
  }
  return bounds;
}
