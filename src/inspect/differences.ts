import * as tf from '@tensorflow/tfjs-core';
import { randomPermutation } from '../random.js';
import { ROUNDING } from './error-bound.js';
import { type ReferenceCall, referenceForward } from './reference-run.js';
import { type Place, tensorAt, withTensors } from './tensor-arguments.js';

/** Derivatives found by differences; only `elements` were computed, the rest is NaN. */
export interface Differences {
  expected: Float64Array;
  bounds: Float64Array;
  elements: Int32Array;
}

/** sum(dy y) as a function of one element of x. */
type Along = (value: number) => number | Promise<number>;

/**
 * (f(x + h) - f(x - h)) / 2h, and with it how wrong it may be: the difference to the same with h / 2 is three
 * quarters of the error made by h (its h^2 term), and `noise` is what f's own rounding adds.
 * Source: W. Press et al., Numerical Recipes, section 5.7.
 */
async function centralDifference(along: Along, x: number, h: number, noise: number): Promise<[number, number]> {
  const slope = async (step: number) => ((await along(x + step)) - (await along(x - step))) / (2 * step);
  const [coarse, fine] = [await slope(h), await slope(h / 2)];
  return [fine, 2 * Math.abs(coarse - fine) + (2 * noise) / h];
}

function some(size: number, samples: number, seed: number): Int32Array {
  return randomPermutation(size, seed).slice(0, samples);
}

/** Differences of the float64 reference: good to ten digits where the function is smooth. */
export async function referenceDifferences(
  call: ReferenceCall,
  input: string,
  dy: ArrayLike<number>,
  samples: number,
  seed: number,
): Promise<Differences> {
  const first = Object.keys(call.op.definition.forward.outputs)[0]!;
  const x = call.inputs[input]!;
  const elements = some(x.length, samples, seed);
  const expected = new Float64Array(x.length).fill(NaN);
  const bounds = new Float64Array(x.length);
  for (const i of elements) {
    const moved = Float64Array.from(x);
    let size = 0;
    const along = (value: number) => {
      moved[i] = value;
      const y = referenceForward({ ...call, inputs: { ...call.inputs, [input]: moved } })[first]!;
      size = y.reduce((sum, v, k) => sum + Math.abs(v * dy[k]!), 0);
      return y.reduce((sum, v, k) => sum + v * dy[k]!, 0);
    };
    await along(x[i]!);
    [expected[i], bounds[i]] = await centralDifference(along, x[i]!, 1e-4, size * 2 ** -48);
  }
  return { expected, bounds, elements };
}

/** Differences of any function on the current backend, in float32: good to three or four digits. */
export async function functionDifferences(
  f: (...args: unknown[]) => tf.Tensor,
  args: readonly unknown[],
  place: Place,
  dy: tf.Tensor,
  samples: number,
  seed: number,
): Promise<Differences> {
  const x = tensorAt(args, place);
  const values = await x.data();
  const weights = await dy.data();
  const elements = some(x.size, samples, seed);
  const expected = new Float64Array(x.size).fill(NaN);
  const bounds = new Float64Array(x.size);
  for (const i of elements) {
    let size = 0;
    const along = async (value: number) => {
      const moved = Float32Array.from(values);
      moved[i] = value;
      const y = tf.tidy(() => f(...withTensors(args, [place], [tf.tensor(moved, x.shape)])));
      const found = Float64Array.from(await y.data());
      y.dispose();
      size = found.reduce((sum, v, k) => sum + Math.abs(v * weights[k]!), 0);
      return found.reduce((sum, v, k) => sum + v * weights[k]!, 0);
    };
    await along(values[i]!);
    // The cube root of float32's precision balances truncation and rounding; a power of two is exact to add.
    [expected[i], bounds[i]] = await centralDifference(along, values[i]!, 2 ** -7, 8 * ROUNDING * size);
  }
  return { expected, bounds, elements };
}
