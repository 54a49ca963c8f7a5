import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { webgl as activation } from '../activation/webgl.js';
import { concatWebgl } from '../concat/webgl.js';
import { webgl as convolution } from '../conv2d/webgl.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { runnerKernels } from './runner-kernels.js';

export function joinedWebgl(pattern: string): Parts<RunnerKernel<JoinedConv2DGeometry, WebglRunner>> {
  return runnerKernels(pattern, { convolution, activation, concat: concatWebgl });
}
