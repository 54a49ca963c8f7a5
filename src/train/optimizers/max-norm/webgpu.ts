import { columnSums } from '../../../backends/webgpu/column-sums.js';
import { forEach, type Program } from '../../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import type { MaxNormGeometry } from './max-norm.js';

/** One thread shortens one element. NaN is not above, and stays. */
const program = (): Program => ({
  reads: { squares: 'f32' },
  writes: { value: 'f32' },
  uniforms: { size: 'u32', columns: 'u32', most: 'f32' },
  text: forEach(
    'u.size',
    `  let norm = sqrt(squares[i % u.columns]);
  if (norm > u.most) { value[i] = u.most / norm * value[i]; }`,
  ),
});

export const webgpu: Parts<RunnerKernel<MaxNormGeometry, WebgpuRunner>> = {
  forward({ value }, g, runner) {
    const { rows, columns, most } = g;
    const squares = columnSums(runner, value!, rows, columns, [columns], 'v * v');
    const newValue = runner.renewed(value!);
    const size = rows * columns;
    runner.launchForEach(runner.program('maxNorm', '', g, program), { squares, value: newValue }, { size, columns, most }, size);
    runner.dispose(squares);
    return [newValue];
  },
};
