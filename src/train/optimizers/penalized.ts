import { add, clipByValue, mul, neg, sign, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { UpdateGeometry } from './update-op.js';

// Looked up once: jest's sandbox makes every look at a global slow.
const { max, min } = Math;

/** Arrays of a kernel in JavaScript, of either number format. */
export type Floats = Named<Float32Array | Float64Array>;

type Penalties = Pick<UpdateGeometry, 'clip' | 'l1' | 'l2'>;

/** The gradient of one element: clipped after `factor`, with what the penalties add. */
export function penalized(gradient: number, value: number, factor: number, { clip, l1, l2 }: Penalties): number {
  const pull = value > 0 ? l1 : value < 0 ? -l1 : 0;
  return max(-clip, min(clip, gradient * factor)) + l2 * value + pull;
}

/** The factor of the gradient: a scalar in memory, or 1. */
export function factorOf(scale: Float32Array | Float64Array | undefined): number {
  return scale?.[0] ?? 1;
}

/** The same of tensors. */
export function penalizedTensor({ gradient, value, scale }: Named<Tensor>, { clip, l1, l2 }: Penalties): Tensor {
  let g = scale ? mul(gradient!, scale) : gradient!;
  if (clip < Infinity) g = clipByValue(g, -clip, clip);
  if (l2 !== 0) g = add(g, mul(value!, l2));
  return l1 === 0 ? g : add(g, mul(sign(value!), l1));
}

/** value - (rate direction + shrinkage value); the first value 0 where fromZero. */
export function movedTensor(value: Tensor, direction: Tensor, { rate, shrinkage }: UpdateGeometry, fromZero = false): Tensor {
  const step = mul(direction, rate);
  const lost = shrinkage === 0 ? step : add(step, mul(value, shrinkage));
  return fromZero ? neg(lost) : sub(value, lost);
}
