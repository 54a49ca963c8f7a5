import { add, div, mul, relu, sqrt, square as squared, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { RmsPropGeometry } from './rms-prop-step.js';

const { max, sqrt: root } = Math;

function loop(inputs: Floats, outputs: Floats, g: RmsPropGeometry): void {
  const { value, gradient, square, mean, velocity, scale } = inputs;
  const { newValue, newSquare, newMean, newVelocity } = outputs;
  const { rate, shrinkage, share, momentum, epsilon } = g;
  const factor = factorOf(scale);
  for (let i = 0; i < value!.length; i++) {
    const d = penalized(gradient![i]!, value![i]!, factor, g);
    let s = square![i]! + share * (d * d - square![i]!);
    newSquare![i] = s;
    if (mean) {
      const m = mean[i]! + share * (d - mean[i]!);
      newMean![i] = m;
      s = max(0, s - m * m);
    }
    let direction = d / (root(s) + epsilon);
    if (velocity) {
      direction += momentum * velocity[i]!;
      newVelocity![i] = direction;
    }
    newValue![i] = value![i]! - (rate * direction + shrinkage * value![i]!);
  }
}

export const kernels: KernelSet<RmsPropGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward(inputs, outputs, g, wasm) {
      const { value, gradient, square, mean = 0, velocity = 0, scale } = inputs as Named<number>;
      const { newValue, newSquare, newMean = 0, newVelocity = 0 } = outputs as Named<number>;
      const pointers = [value, gradient, square, mean, velocity, newValue, newSquare, newMean, newVelocity, scale] as number[];
      const { size, clip, l1, l2, shrinkage, rate, share, momentum, epsilon } = g;
      wasm.parallel('rmsPropStep', size, GRAIN, ...pointers, clip, l1, l2, shrinkage, rate, share, momentum, epsilon);
    },
  },
  portable: {
    forward(inputs, g) {
      const { value, square, mean, velocity } = inputs as Named<Tensor>;
      const gradient = penalizedTensor(inputs, g);
      const s = add(square!, mul(sub(squared(gradient), square!), g.share));
      const m = mean && add(mean, mul(sub(gradient, mean), g.share));
      const spread = m ? relu(sub(s, squared(m))) : s;
      const scaled = div(gradient, add(sqrt(spread), g.epsilon));
      const direction = velocity ? add(mul(velocity, g.momentum), scaled) : scaled;
      return [movedTensor(value!, direction, g), s, ...(m ? [m] : []), ...(velocity ? [direction] : [])];
    },
  },
};
