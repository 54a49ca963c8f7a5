import { add, clone, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import type { Floats } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { LerpGeometry } from './lerp.js';

function loop({ mean, value }: Floats, { newMean }: Floats, { share }: LerpGeometry): void {
  for (let i = 0; i < newMean!.length; i++) {
    newMean![i] = share === 1 ? value![i]! : mean![i]! + share * (value![i]! - mean![i]!);
  }
}

export const kernels: KernelSet<LerpGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ mean, value }, { newMean }, { size, share }, wasm) {
      wasm.parallel('lerp', size, GRAIN, mean!, value!, newMean!, share);
    },
  },
  portable: {
    forward(inputs, { share }) {
      const { mean, value } = inputs as Named<Tensor>;
      return share === 1 ? clone(value!) : add(mean!, mul(sub(value!, mean!), share));
    },
  },
};
