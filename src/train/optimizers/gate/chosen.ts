import { dispose, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { gate } from './gate.js';

/** What a kernel makes of a weight, or what was there before it; both are given up. */
export function chosen(outputs: readonly Tensor[], before: readonly Tensor[], open: Scalar): Tensor[] {
  const kept = outputs.map((value, i) => gate(value, before[i]!, open));
  dispose([...outputs, ...before]);
  return kept;
}
