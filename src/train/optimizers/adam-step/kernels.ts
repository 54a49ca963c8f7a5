import { add, div, maximum, mul, sqrt, square as squared, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf, movedTensor, penalized, penalizedTensor } from '../penalized.js';
import { GRAIN } from '../update-op.js';
import type { AdamGeometry } from './adam-step.js';

const { max, sqrt: root } = Math;

/** @param fromZero the step is taken from 0 instead of the value */
export function adamKernels(fromZero: boolean): KernelSet<AdamGeometry> {
  const loop = (inputs: Floats, outputs: Floats, g: AdamGeometry): void => {
    const { value, gradient, mean, square, largest, scale } = inputs;
    const { newValue, newMean, newSquare, newLargest } = outputs;
    const { rate, shrinkage, share, squareShare, weight, blend, rootScale, epsilon } = g;
    const factor = factorOf(scale);
    for (let i = 0; i < value!.length; i++) {
      const x = value![i]!;
      const d = penalized(gradient![i]!, x, factor, g);
      const m = mean![i]! + share * (d - mean![i]!);
      let s = square![i]! + squareShare * (d * d - square![i]!);
      newMean![i] = m;
      newSquare![i] = s;
      if (largest) {
        s = max(s, largest[i]!);
        newLargest![i] = s;
      }
      const direction = (weight * m + blend * d) / (rootScale * root(s) + epsilon);
      newValue![i] = (fromZero ? 0 : x) - (rate * direction + shrinkage * x);
    }
  };
  return {
    reference: { forward: loop },
    cpu: { forward: loop },
    wasmCnn: {
      forward(inputs, outputs, g, wasm) {
        const { value, gradient, mean, square, largest = 0, scale } = inputs as Named<number>;
        const { newValue, newMean, newSquare, newLargest = 0 } = outputs as Named<number>;
        const pointers = [value, gradient, mean, square, largest, newValue, newMean, newSquare, newLargest, scale] as number[];
        const { size, clip, l1, l2, shrinkage, rate, share, squareShare, weight, blend, rootScale, epsilon } = g;
        const numbers = [clip, l1, l2, shrinkage, rate, share, squareShare, weight, blend, rootScale, epsilon];
        wasm.parallel('adamStep', size, GRAIN, ...pointers, ...numbers, Number(fromZero));
      },
    },
    portable: {
      forward(inputs, g) {
        const { value, mean, square, largest } = inputs as Named<Tensor>;
        const gradient = penalizedTensor(inputs, g);
        const m = add(mean!, mul(sub(gradient, mean!), g.share));
        const s = add(square!, mul(sub(squared(gradient), square!), g.squareShare));
        const highest = largest && maximum(s, largest);
        const weighed = mul(m, g.weight);
        const numerator = g.blend === 0 ? weighed : add(weighed, mul(gradient, g.blend));
        const direction = div(numerator, add(mul(sqrt(highest ?? s), g.rootScale), g.epsilon));
        return [movedTensor(value!, direction, g, fromZero), m, s, ...(highest ? [highest] : [])];
      },
    },
  };
}
