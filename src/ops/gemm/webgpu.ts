import { launchProduct } from '../../backends/webgpu/launch-product.js';
import { matrixOperand } from '../../backends/webgpu/matrix-operand.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { slicesFor, uncut } from '../../backends/webgpu/slices.js';
import { tileFor } from '../../backends/webgpu/tiles.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { MatMulGeometry } from '../../standard/mat-mul.js';

/** From here on the depth is cut where it is one product. */
const DEEP = 512;

const inFours = (...sizes: number[]): boolean => sizes.every((size) => size % 4 === 0);

/** Products of matrices, each factor as it lies in memory or its transpose. */
export const webgpu: Parts<RunnerKernel<MatMulGeometry, WebgpuRunner>> = {
  forward({ a, b, bias }, g, runner) {
    const { m, n, k, transposeA, transposeB, batch, aStep, bStep, activation, shape } = g;
    const wide = { a: inFours(aStep, transposeA ? m : k), b: inFours(bStep, transposeB ? k : n), c: inFours(n) };
    const cut = batch === 1 && k >= DEEP;
    return launchProduct(runner, {
      name: 'matMul',
      variant: `${transposeA ? 'transposed' : ''} ${transposeB ? 'by transposed' : ''}`,
      geometry: g,
      tile: tileFor(runner.tiles, transposeA ? m : Infinity, n),
      a: {
        ...{ name: 'a', tensor: a!, wide: wide.a },
        operand: matrixOperand({
          ...{ buffer: 'a', offset: 'z * u.aStep', pitch: 'u.aPitch', wide: wide.a },
          along: transposeA ? 'lines' : 'depth',
        }),
      },
      b: {
        ...{ name: 'b', tensor: b!, wide: wide.b },
        operand: matrixOperand({
          ...{ buffer: 'b', offset: 'z * u.bStep', pitch: 'u.bPitch', wide: wide.b },
          along: transposeB ? 'depth' : 'lines',
        }),
      },
      shape,
      wide: wide.c,
      place: '(z * u.rows + m) * u.columns',
      uniforms: { aStep: 'u32', bStep: 'u32', aPitch: 'u32', bPitch: 'u32' },
      launches: [
        {
          ...{ aStep, bStep, aPitch: transposeA ? m : k, bPitch: transposeB ? k : n },
          ...{ rows: m, columns: n, depth: k, matrices: batch },
          ...(cut ? slicesFor(m, n, 1, k, 256, 16) : uncut(k)),
        },
      ],
      cut,
      end: { bias, activation, sameBias: true },
    });
  },
};
