import { add, mul, sub } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../kernels.js';
import type { MomentumGeometry } from './momentum-step.js';

/** Elements that one piece of parallel work takes. */
const GRAIN = 1 << 15;

type Floats = Named<Float32Array | Float64Array>;

function loop(
  { value, gradient, velocity }: Floats,
  { newValue, newVelocity }: Floats,
  { rate, momentum }: MomentumGeometry,
): void {
  for (let i = 0; i < value.length; i++) {
    const v = momentum * velocity[i] + gradient[i];
    newVelocity[i] = v;
    newValue[i] = value[i] - rate * v;
  }
}

export const kernels: KernelSet<MomentumGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value, gradient, velocity }, { newValue, newVelocity }, { size, rate, momentum }, wasm) {
      wasm.parallel('momentumStep', size, GRAIN, value, gradient, velocity, rate, momentum, newValue, newVelocity);
    },
  },
  portable: {
    forward({ value, gradient, velocity }, { rate, momentum }) {
      const v = add(mul(velocity, momentum), gradient);
      return [sub(value, mul(v, rate)), v];
    },
  },
};
