import { abs, add, div, maximum, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { AdamaxGeometry } from './adamax-step.js';

const { abs: magnitude, max } = Math;

function loop(inputs: Floats, outputs: Floats, g: AdamaxGeometry): void {
  const { value, gradient, mean, largest, scale } = inputs;
  const { newValue, newMean, newLargest } = outputs;
  const { rate, shrinkage, share, beta2, epsilon } = g;
  const factor = factorOf(scale);
  for (let i = 0; i < value!.length; i++) {
    const d = penalized(gradient![i]!, value![i]!, factor, g);
    const m = mean![i]! + share * (d - mean![i]!);
    const u = max(beta2 * largest![i]!, magnitude(d) + epsilon);
    newMean![i] = m;
    newLargest![i] = u;
    newValue![i] = value![i]! - ((rate * m) / u + shrinkage * value![i]!);
  }
}

export const kernels: KernelSet<AdamaxGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value, gradient, mean, largest, scale }, { newValue, newMean, newLargest }, g, wasm) {
      const pointers = [value, gradient, mean, largest, newValue, newMean, newLargest, scale] as number[];
      const { size, clip, l1, l2, shrinkage, rate, share, beta2, epsilon } = g;
      wasm.parallel('adamaxStep', size, GRAIN, ...pointers, clip, l1, l2, shrinkage, rate, share, beta2, epsilon);
    },
  },
  portable: {
    forward(inputs, g) {
      const { value, mean, largest } = inputs as Named<Tensor>;
      const gradient = penalizedTensor(inputs, g);
      const m = add(mean!, mul(sub(gradient, mean!), g.share));
      const u = maximum(mul(largest!, g.beta2), add(abs(gradient), g.epsilon));
      return [movedTensor(value!, div(m, u), g), m, u];
    },
  },
};
