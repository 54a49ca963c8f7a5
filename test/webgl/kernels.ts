/** What the page runs of single kernels, each with what came out where it must not. */
import * as tf from '@tensorflow/tfjs-core';
import { WebglRunner } from '../../src/backends/webgl/runner.js';
import { maxPool } from '../../src/index.js';
import { ROUNDING } from '../../src/inspect/error-bound.js';
import { seededRandom } from '../../src/random.js';

/** In [-1, 1]. */
export const uniform = (size: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => 2 * random() - 1);
};

/** a b by tf.matMul against float64, for every transposition; batches of matrices and one matrix for a batch. */
export function products(): string[] {
  const complaints: string[] = [];
  for (const [batchA, batchB, m, k, n] of [
    [1, 1, 33, 17, 21],
    [3, 3, 5, 4, 6],
    [3, 1, 4, 7, 5],
    [1, 2, 1, 1, 1],
    [1, 1, 9, 801, 11],
    [1, 1, 150, 6, 170],
  ] as const) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const [a, b] = [uniform(batchA * m * k, 1), uniform(batchB * k * n, 2)];
      const found = tf.tidy(() => {
        const left = tf.tensor(a, transposeA ? [batchA, k, m] : [batchA, m, k]);
        const right = tf.tensor(b, transposeB ? [batchB, n, k] : [batchB, k, n]);
        return tf.matMul(left, right, transposeA, transposeB).dataSync();
      });
      const batch = Math.max(batchA, batchB);
      for (let i = 0; i < batch * m * n; i++) {
        const [matrix, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
        let [sum, magnitude] = [0, 0];
        for (let p = 0; p < k; p++) {
          const x = a[(batchA > 1 ? matrix * m * k : 0) + (transposeA ? p * m + row : row * k + p)]!;
          const y = b[(batchB > 1 ? matrix * k * n : 0) + (transposeB ? column * k + p : p * n + column)]!;
          sum += x * y;
          magnitude += Math.abs(x * y);
        }
        if (Math.abs(found[i]! - sum) <= (k + 2) * ROUNDING * magnitude) continue;
        complaints.push(`[${[batchA, batchB, m, k, n]}] ${transposeA} ${transposeB} at ${i}: ${found[i]}, expected ${sum}`);
        break;
      }
    }
  }
  return complaints;
}

/** tfjs's maxPool passes over NaN, ours hands it on, under the same kernels. */
export function notANumber(): { tfjs: number[]; ours: number[] } {
  return tf.tidy(() => {
    const x = tf.tensor4d([1, NaN, 3, 2], [1, 2, 2, 1]);
    return {
      tfjs: [...tf.maxPool(x, 2, 2, 'valid').dataSync()],
      ours: [...maxPool(x, { size: 2 }).dataSync()],
    };
  });
}

/** Tensors that lie otherwise than our kernels read them: slices, views, one tensor in two shapes at once. */
export function layouts(): Record<string, number[]> {
  return tf.tidy(() => {
    const counted = tf.add(tf.range(0, 24, 1, 'float32'), 0);
    const row = tf.reshape(counted, [1, 24]) as tf.Tensor2D;
    const column = tf.reshape(counted, [24, 1]) as tf.Tensor2D;
    const slice = tf.slice(counted, [5], [6]);
    const pixels = tf.reshape(counted, [1, 4, 3, 2]) as tf.Tensor4D;
    return {
      dot: [...tf.matMul(row, column).dataSync()],
      slice: [...tf.matMul(tf.reshape(slice, [3, 2]), tf.ones([2, 1])).dataSync()],
      untouched: [...counted.dataSync()],
      pooled: [...maxPool(pixels, { size: [4, 3] }).dataSync()],
      reshaped: [...tf.reshape(tf.relu(tf.reshape(counted, [3, 8])), [2, 3, 4]).dataSync()],
    };
  });
}

/** What a kernel says that does not compile. */
export function brokenKernel(): string {
  const runner = new WebglRunner(tf.backend());
  const x = tf.tensor1d([1]);
  try {
    const code = () => 'void compute(int texel) { out0 = nothing; }';
    runner.run({ name: 'CnnBroken forward', geometry: { batch: 3, inHeight: 7 }, code, inputs: { x }, outputs: [[1]] });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
