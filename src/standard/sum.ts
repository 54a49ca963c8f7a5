import { util } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import { allFloat, type StandardKernel } from './standard-kernel.js';

/** a + b of one shape. */
export interface SumGeometry {
  readonly shape: number[];
}

const op: ReadyOp<SumGeometry> = {
  name: 'Add',
  parts: { forward: { inputs: ['a', 'b'], outputs: { y: ({ shape }) => shape } } },
  kernels: { reference: {}, cpu: {}, wasmCnn: {}, portable: {} },
};

/** Sums of equal shapes: what gradients of several sources are added up by. */
export const sum: StandardKernel = {
  kernelName: 'Add',
  plan({ inputs }) {
    const { shape } = inputs['a']!;
    if (!util.arraysEqual(shape, inputs['b']!.shape) || !allFloat(inputs) || shape.includes(0)) return undefined;
    return { op: op as unknown as ReadyOp<object>, part: 'forward', inputs, geometry: { shape } };
  },
};
