import type { Named } from '../../kernels.js';
import { seededRandom } from '../../random.js';
import { ROUNDING } from '../error-bound.js';

/** Roundings that do not come from long sums: of biases, activations, exp and log, which GPUs take from tables. */
const FEW = 8;

/**
 * What float32 does to a kernel, done to its inputs: a result in float32 is the exact one of inputs that were each changed by about as many
 * roundings as the square root of a sum's length, with random signs; so a float64 kernel that is given such inputs errs as a float32 one.
 * Source: N. Higham and T. Mary, A new approach to probabilistic rounding error analysis, SIAM J. Sci. Comput. 41 (2019), A2815.
 */
export class RoundingNoise {
  private readonly random: () => number;

  /**
   * @param seed  of the signs
   * @param batch pictures of a step
   */
  constructor(
    seed: number,
    private readonly batch: number,
  ) {
    this.random = seededRandom(seed);
  }

  /** The inputs with noise. Whole numbers (classes, places, ones) stay: they choose, or are exact in any format. */
  on(
    inputs: Named<Float64Array>,
    shapes: readonly (readonly number[])[],
    outputs: readonly (readonly number[])[],
  ): Named<Float64Array> {
    const { random } = this;
    const size = (FEW + Math.sqrt(sumLength(shapes, outputs, this.batch))) * ROUNDING;
    const { trunc } = Math;
    const noisy: Named<Float64Array> = {};
    for (const name in inputs) {
      noisy[name] = inputs[name]!.map((value) =>
        value === trunc(value) ? value : value * (random() < 0.5 ? 1 - size : 1 + size),
      );
    }
    return noisy;
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, each) => all * each, 1);

/**
 * Terms of a kernel's longest sum, near enough for its square root, by the shapes of what it reads and writes. Outputs with a row for every
 * picture are sums over filters or windows; others (gradients of weights, statistics, losses) are sums over all pictures and places.
 */
export function sumLength(
  inputs: readonly (readonly number[])[],
  outputs: readonly (readonly number[])[],
  batch: number,
): number {
  const perPicture = (shape: readonly number[]) => shape[0] === batch;
  const rows = (shape: readonly number[]) => product(shape) / (shape.at(-1) ?? 1);
  const pictures = inputs.filter(perPicture);
  if (!outputs.every(perPicture)) return Math.max(1, ...pictures.map(rows));
  const windows = pictures.map((shape) => product(shape) / Math.min(...outputs.map(product)));
  return Math.max(1, ...inputs.filter((shape) => !perPicture(shape)).map(rows), ...windows);
}
