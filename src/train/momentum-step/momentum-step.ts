import type { Tensor } from '@tensorflow/tfjs-core';
import { cpuHost } from '../../backends/cpu/host.js';
import type { ReadyOp } from '../../backends/kernel-host.js';
import { wasmCnnHost } from '../../backends/wasm-cnn/host.js';
import { installKernel, runPart } from '../../define-op.js';
import { renewable } from '../../renewal.js';
import { kernels } from './kernels.js';

export interface MomentumGeometry {
  readonly shape: number[];
  readonly size: number;
  readonly rate: number;
  readonly momentum: number;
}

const op: ReadyOp<MomentumGeometry> = {
  name: 'CnnMomentumStep',
  parts: {
    forward: {
      inputs: ['value', 'gradient', 'velocity'],
      outputs: { newValue: ({ shape }) => shape, newVelocity: ({ shape }) => shape },
      updates: { newValue: 'value', newVelocity: 'velocity' },
    },
  },
  kernels,
};
for (const host of [cpuHost, wasmCnnHost]) installKernel(host, op, 'forward');

/**
 * One step of stochastic gradient descent with momentum, in one pass over memory where tfjs's optimizer
 * makes four: newVelocity = momentum velocity + gradient, newValue = value - rate newVelocity.
 * Source: PyTorch's SGD (without dampening); tf's MomentumOptimizer.
 *
 * @param value, gradient, velocity float32, of one shape; value and velocity may be written over, unless they have clones
 * @param rates    learning rate and momentum, asked again where the step is recorded and played again
 * @returns the new value and the new velocity, which may share their data; has no gradient
 */
export function momentumStep(
  value: Tensor,
  gradient: Tensor,
  velocity: Tensor,
  rates: () => { readonly rate: number; readonly momentum: number },
): [Tensor, Tensor] {
  const { shape, size } = value;
  const geometry = renewable(() => ({ shape, size, ...rates() }));
  return runPart(op, 'forward', { value, gradient, velocity }, geometry) as [Tensor, Tensor];
}
