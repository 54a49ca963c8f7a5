/** Tensors among a function's arguments: directly, or in an array or an options object. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';

/** Path of a tensor in the arguments: its index, or the index of an array or options object and a key in it. */
export type Place = readonly [number] | readonly [number, string];

/** The tensor in that place. */
export function tensorAt(args: readonly unknown[], [i, key]: Place): Tensor {
  return (key === undefined ? args[i] : (args[i] as Named<unknown>)[key]) as Tensor;
}

/** The arguments with other tensors in some places. */
export function withTensors(args: readonly unknown[], places: readonly Place[], tensors: readonly Tensor[]): unknown[] {
  const copy = [...args];
  places.forEach(([i, key], k) => {
    if (key === undefined) copy[i] = tensors[k];
    else copy[i] = Object.assign(Array.isArray(copy[i]) ? [...copy[i]] : { ...(copy[i] as object) }, { [key]: tensors[k] });
  });
  return copy;
}
