import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../../backends/kernel-host.js';
import { runPart } from '../../../op-kernels.js';
import { installUpdate } from '../update-op.js';
import { kernels } from './kernels.js';

export interface LerpGeometry {
  readonly shape: number[];
  readonly size: number;
  readonly share: number;
}

/**
 * newMean = mean + share (value - mean); at share 1 it is the value, whatever the mean was. In this form a moving average of a
 * constant is the constant: (1 - share) mean + share value rounds its two factors apart.
 */
export const lerpOp: ReadyOp<LerpGeometry> = installUpdate({
  name: 'CnnLerp',
  parts: {
    forward: { inputs: ['mean', 'value'], outputs: { newMean: ({ shape }) => shape }, updates: { newMean: 'mean' } },
  },
  kernels,
});

/** One kernel; `mean` may be written over, unless it has clones. */
export function lerp(mean: Tensor, value: Tensor, geometry: LerpGeometry): Tensor {
  return runPart(lerpOp, 'forward', { mean, value }, geometry)[0]!;
}
