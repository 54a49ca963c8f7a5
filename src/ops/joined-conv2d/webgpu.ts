import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { webgpu as activation } from '../activation/webgpu.js';
import { concatWebgpu } from '../concat/webgpu.js';
import { webgpu as convolution } from '../conv2d/webgpu.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { runnerKernels } from './runner-kernels.js';

export function joinedWebgpu(pattern: string): Parts<RunnerKernel<JoinedConv2DGeometry, WebgpuRunner>> {
  return runnerKernels(pattern, { convolution, activation, concat: concatWebgpu });
}
