import { half } from '../../../backends/webgl/layout.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { columnSums } from '../../../ops/gemm/webgl-column-sums.js';
import type { MaxNormGeometry } from './max-norm.js';

/** One fragment shortens two columns of two rows. */
const SHORTENED = `float factor(float square) {
  float norm = sqrt(square);
  return norm > most ? most / norm : 1.;
}
void compute(int texel) {
  vec2 two = squares(texel - quotient(texel, columnTexels) * columnTexels).xy;
  out0 = value(texel) * vec2(factor(two.x), factor(two.y)).xyxy;
}`;

export const webgl: Parts<RunnerKernel<MaxNormGeometry, WebglRunner>> = {
  forward({ value }, g, runner) {
    const { shape, rows, columns, most } = g;
    // Sums go over all matrices, so that most weights serve as they lie.
    const matrices = runner.reshaped(value!, shape.length > 1 && columns === shape.at(-1) ? shape : [rows, columns]);
    const squares = columnSums(runner, 'CnnMaxNorm squares', g, matrices, 'v * v');
    const [shortened] = runner.run({
      name: 'CnnMaxNorm',
      geometry: g,
      code: () => SHORTENED,
      inputs: { value: matrices, squares },
      ints: { columnTexels: half(columns) },
      floats: { most },
      outputs: [matrices.shape],
    });
    const newValue = runner.reshaped(shortened!, shape);
    runner.dispose(matrices, squares, shortened!);
    return [newValue];
  },
};
