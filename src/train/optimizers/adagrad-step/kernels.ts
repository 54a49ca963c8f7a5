import { add, div, sqrt, square as squared, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { AdagradGeometry } from './adagrad-step.js';

const { sqrt: root } = Math;

function loop({ value, gradient, sum, scale }: Floats, { newValue, newSum }: Floats, g: AdagradGeometry): void {
  const { rate, shrinkage, epsilon } = g;
  const factor = factorOf(scale);
  for (let i = 0; i < value!.length; i++) {
    const d = penalized(gradient![i]!, value![i]!, factor, g);
    const s = sum![i]! + d * d;
    newSum![i] = s;
    newValue![i] = value![i]! - ((rate * d) / (root(s) + epsilon) + shrinkage * value![i]!);
  }
}

export const kernels: KernelSet<AdagradGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value, gradient, sum, scale }, { newValue, newSum }, g, wasm) {
      const pointers = [value, gradient, sum, newValue, newSum, scale] as number[];
      const { size, clip, l1, l2, shrinkage, rate, epsilon } = g;
      wasm.parallel('adagradStep', size, GRAIN, ...pointers, clip, l1, l2, shrinkage, rate, epsilon);
    },
  },
  portable: {
    forward(inputs, g) {
      const { value, sum } = inputs as Named<Tensor>;
      const gradient = penalizedTensor(inputs, g);
      const s = add(sum!, squared(gradient));
      return [movedTensor(value!, div(gradient, add(sqrt(s), g.epsilon)), g), s];
    },
  },
};
