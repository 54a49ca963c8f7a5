/** What the nets of inception blocks have in common. */
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import type { Conv2DOptions } from '../layers/conv2d.js';
import type { Draft } from './draft.js';
import type { NetOptions } from './net-options.js';

/** Options of the nets whose channels can be scaled. */
export interface ScaledNetOptions extends NetOptions {
  /** Channels of the first convolution, of which all others are multiples; default as published. */
  width?: number;
}

/** Options of the nets that have classifiers in the middle, for training. */
export interface AuxiliaryNetOptions extends ScaledNetOptions {
  /**
   * With the auxiliary classifiers: the net then has several outputs, its logits first, and `lossWeights` says what their
   * losses count. Default false.
   */
  auxiliary?: boolean;
}

/** @throws ArgumentError where auxiliary classifiers are asked for and there is no classifier at the end */
export function checkAuxiliary(net: string, auxiliary: unknown, includeTop: boolean): void {
  if (auxiliary !== true && auxiliary !== false) {
    throw new ArgumentError(`${net}: auxiliary must be true or false, got ${JSON.stringify(auxiliary)}`);
  }
  if (auxiliary && !includeTop) throw new ArgumentError(`${net}: auxiliary must be false with includeTop: false, got true`);
}

/** A convolution without bias, batch normalisation and relu, under the names of both. */
export function convNorm(
  draft: Draft,
  x: SymbolicTensor,
  [conv, norm]: readonly [string, string],
  options: Omit<Conv2DOptions, 'name'>,
): SymbolicTensor {
  return draft.norm(draft.conv(x, conv, { ...options, useBias: false }), norm);
}
