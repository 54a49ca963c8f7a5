import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { SgdGeometry } from './sgd-step.js';

function loop({ value, gradient, velocity, scale, trust }: Floats, { newValue, newVelocity }: Floats, g: SgdGeometry): void {
  const { rate, shrinkage, momentum, share, nesterov } = g;
  const factor = factorOf(scale);
  const ratio = factorOf(trust);
  for (let i = 0; i < value.length; i++) {
    let direction = ratio * penalized(gradient[i]!, value[i]!, factor, g);
    if (velocity) {
      const v = momentum * velocity[i]! + share * direction;
      newVelocity[i] = v;
      direction = nesterov ? direction + momentum * v : v;
    }
    newValue[i] = value[i]! - (rate * direction + shrinkage * value[i]!);
  }
}

export const kernels: KernelSet<SgdGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value, gradient, velocity = 0, scale, trust }, { newValue, newVelocity = 0 }, g, wasm) {
      const { size, clip, l1, l2, shrinkage, rate, momentum, share, nesterov } = g;
      const pointers = [value, gradient, velocity, newValue, newVelocity, scale, trust] as number[];
      const numbers = [clip, l1, l2, shrinkage, rate, momentum, share, Number(nesterov)];
      wasm.parallel('sgdStep', size, GRAIN, ...pointers, ...numbers);
    },
  },
  portable: {
    forward(inputs, g) {
      const { value, velocity, trust } = inputs as Named<Tensor>;
      const gradient = penalizedTensor(inputs, g);
      const direction = trust ? mul(gradient, trust) : gradient;
      if (!velocity) return movedTensor(value!, direction, g);
      const v = add(mul(velocity, g.momentum), mul(direction, g.share));
      return [movedTensor(value!, g.nesterov ? add(direction, mul(v, g.momentum)) : v, g), v];
    },
  },
};
