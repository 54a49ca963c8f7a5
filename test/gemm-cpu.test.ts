import { gemm } from '../src/ops/gemm/cpu.js';
import { expectWithin } from './kernel-sides.js';
import { generator, seed, values } from './random.js';

/** Half a unit in the last place of 1: what one rounding adds at most, relatively. */
const FLOAT32 = 2 ** -24;
const FLOAT64 = 2 ** -53;

// Under jest a look at a global is slow enough to be felt in loops.
const { abs, floor } = Math;

describe(`gemm in JavaScript, seed ${seed}`, () => {
  const random = generator(seed);
  test.each([
    [1, 1, 1],
    [3, 4, 5],
    [4, 4, 4],
    [130, 7, 300],
    [9, 260, 133],
    [5, 129, 1],
  ])('%i x %i x %i in batches, transposed or not', (m, n, k) => {
    for (const [transposeA, transposeB, shareA, shareB] of [
      [false, false, false, false],
      [true, false, false, true],
      [false, true, true, false],
      [true, true, false, false],
    ]) {
      const batch = 2;
      const a = values(random, (shareA ? 1 : batch) * m * k);
      const b = values(random, (shareB ? 1 : batch) * k * n);
      const bias = values(random, n);
      const [aStep, bStep] = [shareA ? 0 : m * k, shareB ? 0 : k * n];
      const expected = new Float64Array(batch * m * n);
      const sizes = new Float64Array(batch * m * n);
      for (let at = 0; at < expected.length; at++) {
        const [i, row, column] = [floor(at / (m * n)), floor(at / n) % m, at % n];
        expected[at] = bias[column];
        for (let depth = 0; depth < k; depth++) {
          const product =
            a[i * aStep + (transposeA ? depth * m + row : row * k + depth)] *
            b[i * bStep + (transposeB ? column * k + depth : depth * n + column)];
          expected[at] += product;
          sizes[at] += abs(product);
        }
      }
      const c = new Float32Array(batch * m * n).fill(NaN);
      gemm({ m, n, k, a, b, c, transposeA, transposeB, bias, batch, aStep, bStep });
      expectWithin(
        `${transposeA} ${transposeB}`,
        Float64Array.from(c),
        expected,
        (at) => 1.001 * FLOAT32 * abs(expected[at]) + 2 * (k + 2) * FLOAT64 * (sizes[at] + 1),
      );
    }
  });
});
