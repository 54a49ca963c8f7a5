import type { TensorInfo } from '@tensorflow/tfjs-core';
import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { DropoutGeometry } from './mask.js';

/** The mask is mask.ts's, bit by bit. */
const program = (): Program => ({
  reads: { x: 'f32' },
  writes: { y: 'f32' },
  uniforms: { size: 'u32', start: 'u32', key: 'u32', threshold: 'u32', scale: 'f32' },
  text: forEach(
    'u.size',
    `  var hash = i * 0x9e3779b9u + u.start;
  hash = (hash ^ (hash >> 16u)) * 0x7feb352du + u.key;
  hash = (hash ^ (hash >> 15u)) * 0x846ca68bu;
  hash = hash ^ (hash >> 16u);
  y[i] = x[i] * select(u.scale, 0.0, hash < u.threshold);`,
  ),
});

function masked(x: TensorInfo, g: DropoutGeometry, runner: WebgpuRunner): [TensorInfo] {
  const y = runner.output(g.shape);
  const { size, start, key, threshold, scale } = g;
  const compiled = runner.program('dropout', '', g, program);
  runner.launchForEach(compiled, { x, y }, { size, start, key, threshold, scale }, size, true);
  return [y];
}

export const webgpu: Parts<RunnerKernel<DropoutGeometry, WebgpuRunner>> = {
  forward: ({ x }, g, runner) => masked(x!, g, runner),
  dx: ({ dy }, g, runner) => masked(dy!, g, runner),
};
