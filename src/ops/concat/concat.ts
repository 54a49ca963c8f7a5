import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError } from '../../geometry.js';
import type { Op } from '../../op-definition.js';
import { checkFloat32 } from '../input.js';
import { type ConcatGeometry, concatGeometry } from './geometry.js';
import { concatKernels } from './kernels.js';

/** One op for each number of tensors: the names of an op's inputs are fixed. */
const byCount = new Map<number, Op<[Tensor[]], ConcatGeometry, Tensor>>();

/**
 * The op behind `concatChannels` for `count` tensors, x0, x1, ...
 * Each gradient is a kernel of its own, so that a branch that is frozen costs nothing.
 */
export function concatOp(count: number): Op<[Tensor[]], ConcatGeometry, Tensor> {
  const made = byCount.get(count);
  if (made) return made;
  const inputs = Array.from({ length: count }, (_, i) => `x${i}`);
  const op = defineOp<[Tensor[]], ConcatGeometry, Tensor>({
    name: `CnnConcat${count}`,
    prepare: (tensors) => ({
      inputs: Object.fromEntries(inputs.map((name, i) => [name, tensors[i]])),
      geometry: concatGeometry(tensors.map(({ shape }) => shape)),
    }),
    forward: { inputs, outputs: { y: (g) => [...g.outer, g.total] } },
    backward: Object.fromEntries(
      inputs.map((name, i) => [
        `d${name}`,
        { inputs: ['dy'], outputs: { [`d${name}`]: (g: ConcatGeometry) => [...g.outer, g.channels[i]!] } },
      ]),
    ),
    kernels: concatKernels(count),
  });
  byCount.set(count, op);
  return op;
}

/**
 * Tensors side by side along the last axis, the channels: y[.., c0 + i] = x_k[.., i], c0 the channels before x_k.
 * Adjoint: dx_k is the part of dy that x_k went to.
 *
 * @param tensors one or more, float32, equal in shape but for the last axis
 * @returns       float32 [..., sum of the channels]
 * @throws GeometryError where another axis differs; ArgumentError for an empty list
 */
export function concatChannels<T extends Tensor>(tensors: readonly T[]): T {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new ArgumentError(
      `concatChannels: tensors must be an array of one tensor or more, got ${Array.isArray(tensors) ? 'none' : typeof tensors}`,
    );
  }
  for (const [i, tensor] of tensors.entries()) checkFloat32('concatChannels', `tensors[${i}]`, tensor);
  return concatOp(tensors.length)([...tensors]) as T;
}
