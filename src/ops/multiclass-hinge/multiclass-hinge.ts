import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError } from '../../geometry.js';
import { type LossGeometry, lossGeometry, lossShape, type Reduction, withFloatLabels } from '../loss/geometry.js';
import { cpu } from './cpu.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** Options of multiclassHinge. */
export interface MulticlassHingeOptions {
  /** By how much the right class must lead; default 1. */
  margin?: number;
  /** Default 'mean' over the rows. */
  reduction?: Reduction;
}

export interface MulticlassHingeGeometry extends LossGeometry {
  readonly margin: number;
}

/**
 * Multiclass hinge loss: the loss of a row whose class is k is the sum over j != k of max(0, margin + z_j - z_k).
 * Adjoint: dlogits_j = dy where a term of j != k is positive, and dlogits_k = -dy times the number of them;
 *          times 1 / batch for the mean. Labels have no gradient.
 * Source:  Weston and Watkins 1999; CS231n's SVM loss. (PyTorch's multi_margin_loss divides by the classes, too.)
 *
 * A class index outside [0, classes) makes the loss NaN.
 *
 * @param logits  float32 [batch, classes]
 * @param labels  class indices [batch], or one-hot [batch, classes] (the class is the first largest), of any dtype
 * @param options margin (default 1), reduction (default 'mean' over the rows)
 * @returns       float32, a scalar, or [batch] where reduction is 'none'
 * @throws GeometryError where logits and labels do not fit together
 */
export function multiclassHinge(logits: Tensor2D, labels: Tensor, options: MulticlassHingeOptions = {}): Tensor {
  return withFloatLabels(labels, (float) => multiclassHingeOp(logits, float, options));
}

/** The op under multiclassHinge: labels are float32 here, class indices too. */
export const multiclassHingeOp = defineOp({
  name: 'CnnMulticlassHinge',
  prepare(logits: Tensor2D, labels: Tensor, { margin = 1, reduction = 'mean' }: MulticlassHingeOptions) {
    if (!Number.isFinite(margin)) throw new ArgumentError(`multiclassHinge: margin must be a finite number, got ${margin}`);
    const geometry = lossGeometry('multiclassHinge', logits, labels, reduction);
    return { inputs: { logits, labels }, geometry: Object.freeze({ ...geometry, margin }) };
  },
  forward: { inputs: ['logits', 'labels'], outputs: { loss: lossShape } },
  backward: { dlogits: { inputs: ['dy', 'logits', 'labels'], outputs: { dlogits: (g) => [g.batch, g.classes] } } },
  kernels: { reference, cpu, wasmCnn, portable },
});
