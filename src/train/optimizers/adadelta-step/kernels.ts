import { add, div, mul, sqrt, square as squared, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { AdadeltaGeometry } from './adadelta-step.js';

const { sqrt: root } = Math;

function loop(inputs: Floats, outputs: Floats, g: AdadeltaGeometry): void {
  const { value, gradient, square, delta, scale } = inputs;
  const { newValue, newSquare, newDelta } = outputs;
  const { rate, shrinkage, share, epsilon } = g;
  const factor = factorOf(scale);
  for (let i = 0; i < value!.length; i++) {
    const d = penalized(gradient![i]!, value![i]!, factor, g);
    const s = square![i]! + share * (d * d - square![i]!);
    const direction = (root(delta![i]! + epsilon) / root(s + epsilon)) * d;
    newSquare![i] = s;
    newDelta![i] = delta![i]! + share * (direction * direction - delta![i]!);
    newValue![i] = value![i]! - (rate * direction + shrinkage * value![i]!);
  }
}

export const kernels: KernelSet<AdadeltaGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value, gradient, square, delta, scale }, { newValue, newSquare, newDelta }, g, wasm) {
      const pointers = [value, gradient, square, delta, newValue, newSquare, newDelta, scale] as number[];
      const { size, clip, l1, l2, shrinkage, rate, share, epsilon } = g;
      wasm.parallel('adadeltaStep', size, GRAIN, ...pointers, clip, l1, l2, shrinkage, rate, share, epsilon);
    },
  },
  portable: {
    forward(inputs, g) {
      const { value, square, delta } = inputs as Named<Tensor>;
      const gradient = penalizedTensor(inputs, g);
      const s = add(square!, mul(sub(squared(gradient), square!), g.share));
      const direction = mul(div(sqrt(add(delta!, g.epsilon)), sqrt(add(s, g.epsilon))), gradient);
      const d = add(delta!, mul(sub(squared(direction), delta!), g.share));
      return [movedTensor(value!, direction, g), s, d];
    },
  },
};
