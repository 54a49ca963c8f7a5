import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../../backends/kernel-host.js';
import { runPart } from '../../../op-kernels.js';
import { installUpdate } from '../update-op.js';
import { kernels } from './kernels.js';

export interface GateGeometry {
  readonly shape: number[];
  readonly size: number;
}

/** kept = value where the scalar `open` is not 0, else before, whatever the value is, NaN too. */
export const gateOp: ReadyOp<GateGeometry> = installUpdate({
  name: 'CnnGate',
  parts: {
    forward: {
      inputs: ['value', 'before', 'open'],
      outputs: { kept: ({ shape }) => shape },
      updates: { kept: 'value' },
    },
  },
  kernels,
});

/** One kernel; `value` may be written over, unless it has clones. */
export function gate(value: Tensor, before: Tensor, open: Scalar): Tensor {
  const { shape, size } = value;
  return runPart(gateOp, 'forward', { value, before, open }, { shape, size })[0]!;
}
