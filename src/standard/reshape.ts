import { util } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import { allFloat, type StandardKernel } from './standard-kernel.js';

/** A tensor in another shape, for backends whose tensors do not lie flat. */
export interface ReshapeGeometry {
  readonly shape: number[];
}

const op: ReadyOp<ReshapeGeometry> = {
  name: 'Reshape',
  parts: { forward: { inputs: ['x'], outputs: { y: ({ shape }) => shape } } },
  kernels: { reference: {}, cpu: {}, wasmCnn: {}, portable: {} },
};

export const reshape: StandardKernel = {
  kernelName: 'Reshape',
  plan({ inputs, attrs }) {
    const size = util.sizeFromShape(inputs['x']!.shape);
    if (!allFloat(inputs) || size === 0) return undefined;
    const shape = util.inferFromImplicitShape(attrs['shape'] as number[], size);
    return { op: op as unknown as ReadyOp<object>, part: 'forward', inputs, geometry: { shape } };
  },
};
