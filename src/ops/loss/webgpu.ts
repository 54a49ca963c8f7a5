import type { TensorInfo } from '@tensorflow/tfjs-core';
import { columnSums } from '../../backends/webgpu/column-sums.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { TEAM } from '../../backends/webgpu/workgroup-sum.js';
import { type LossGeometry, lossShape } from './geometry.js';

/** WGSL: a loop over the classes of the workgroup's row by all its threads, each class `c` with its logit's index `at`. */
export const overClasses = (body: string): string => `
  for (var c = local; c < u.classes; c += ${TEAM}u) {
    let at = group * u.classes + c;
    ${body}
  }`;

/** Of one loss a row, which has its weight already, what the op gives: these, or their sum. */
export function reducedLosses(runner: WebgpuRunner, losses: TensorInfo, g: LossGeometry): TensorInfo {
  if (g.reduction === 'none') return losses;
  const loss = columnSums(runner, losses, g.batch, 1, lossShape(g));
  runner.dispose(losses);
  return loss;
}
