import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../../backends/kernel-host.js';
import { runPart } from '../../../op-kernels.js';
import { installUpdate } from '../update-op.js';
import { kernels } from './kernels.js';

export interface MaxNormGeometry {
  readonly shape: number[];
  readonly rows: number;
  readonly columns: number;
  readonly most: number;
}

export const maxNormOp: ReadyOp<MaxNormGeometry> = installUpdate({
  name: 'CnnMaxNorm',
  parts: {
    forward: { inputs: ['value'], outputs: { newValue: ({ shape }: MaxNormGeometry) => shape }, updates: { newValue: 'value' } },
  },
  kernels,
});

/**
 * Of each unit's weights w, those that lead to one element of the last `unitAxes` axes: newValue = w min(1, most / |w|).
 * Source: CS231n notes, "Max norm constraints"; Keras' MaxNorm.
 */
export function maxNorm(value: Tensor, most: number, unitAxes: number): Tensor {
  const { shape, size, rank } = value;
  const columns = shape.slice(rank - unitAxes).reduce((product, length) => product * length, 1);
  return runPart(maxNormOp, 'forward', { value }, { shape, rows: size / columns, columns, most })[0]!;
}
