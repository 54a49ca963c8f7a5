import { matMul, sub, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { type Rows, sliceRows } from './examples.js';

/** Rows whose products are summed in float32 before they go into float64 sums. */
const ROWS = 512;

/** Mean of every feature. */
export function meanOf({ values, count, features }: Rows): Float64Array {
  const mean = new Float64Array(features);
  for (let i = 0; i < values.length; i += features) {
    for (let j = 0; j < features; j++) mean[j]! += values[i + j]!;
  }
  return mean.map((sum) => sum / count);
}

/** Mean square of every feature's distance from its mean. */
export function varianceOf({ values, count, features }: Rows, mean: Float64Array): Float64Array {
  const squares = new Float64Array(features);
  for (let i = 0; i < values.length; i += features) {
    for (let j = 0; j < features; j++) squares[j]! += (values[i + j]! - mean[j]!) ** 2;
  }
  return squares.map((sum) => sum / count);
}

/** Mean product of the distances of every two features from their means: [features, features]. */
export async function covarianceOf(rows: Rows, mean: Float64Array): Promise<Float64Array> {
  const { count, features } = rows;
  const covariance = new Float64Array(features * features);
  for (let begin = 0; begin < count; begin += ROWS) {
    const end = Math.min(begin + ROWS, count);
    const products = tidy(() => {
      const centred = sub(tensor2d(sliceRows(rows, begin, end), [end - begin, features]), tensor1d(Float32Array.from(mean)));
      return matMul(centred, centred, true, false);
    });
    const sums = await products.data();
    products.dispose();
    for (let i = 0; i < covariance.length; i++) covariance[i]! += sums[i]! / count;
  }
  return covariance;
}
