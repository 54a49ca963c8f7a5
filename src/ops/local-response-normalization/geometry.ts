import { ArgumentError, GeometryError } from '../../geometry.js';

/** Options of local response normalization, in PyTorch's words or in tfjs's. */
export interface LocalResponseNormalizationOptions {
  /** Channels of the window, PyTorch's and Caffe's word; default 5. An even window has one more below than above. */
  size?: number;
  /** Instead of size: channels on either side, tfjs's word. */
  depthRadius?: number;
  /** Default 1e-4. */
  alpha?: number;
  /** Default 0.75. */
  beta?: number;
  /** What is added to the sum, PyTorch's word; default 1. */
  k?: number;
  /** Instead of k: tfjs's word. */
  bias?: number;
  /**
   * Is alpha divided by the number of channels in the window, as PyTorch and Caffe do? tfjs and
   * TensorFlow do not. Default: true, false where depthRadius is given.
   */
  divideAlpha?: boolean;
}

/** Geometry of local response normalization: the window of channel c is [c - below, c + above]. */
export interface LocalResponseNormalizationGeometry {
  readonly shape: readonly number[];
  readonly channels: number;
  readonly below: number;
  readonly above: number;
  /** Factor of one square: already divided, if it is to be. */
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

const OP = 'localResponseNormalization';

/** @throws GeometryError, ArgumentError where the shape or an option cannot be used */
export function localResponseNormalizationGeometry(
  xShape: readonly number[],
  options: LocalResponseNormalizationOptions,
): Readonly<LocalResponseNormalizationGeometry> {
  if (xShape.length !== 4) {
    throw new GeometryError(`${OP}: x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  const { depthRadius, divideAlpha = depthRadius === undefined, alpha = 1e-4, beta = 0.75 } = options;
  refuseBoth(options, 'size', 'depthRadius');
  refuseBoth(options, 'k', 'bias');
  if (depthRadius !== undefined) checkInteger('depthRadius', depthRadius, 0);
  const size = depthRadius === undefined ? (options.size ?? 5) : 2 * depthRadius + 1;
  checkInteger('size', size, 1);
  const k = options.k ?? options.bias ?? 1;
  if (!(Number.isFinite(alpha) && alpha >= 0))
    throw new ArgumentError(`${OP}: alpha must be a number of at least 0, got ${alpha}`);
  if (!Number.isFinite(beta)) throw new ArgumentError(`${OP}: beta must be a number, got ${beta}`);
  if (!(Number.isFinite(k) && k > 0)) {
    throw new ArgumentError(`${OP}: k (bias) must be larger than 0, or channels of zeros would be divided by 0; got ${k}`);
  }
  return Object.freeze({
    shape: xShape.slice(),
    channels: xShape[3],
    below: size >> 1,
    above: (size - 1) >> 1,
    alpha: divideAlpha ? alpha / size : alpha,
    beta,
    k,
  });
}

function refuseBoth(options: LocalResponseNormalizationOptions, ours: 'size' | 'k', theirs: 'depthRadius' | 'bias'): void {
  if (options[ours] !== undefined && options[theirs] !== undefined) {
    throw new ArgumentError(`${OP}: ${ours} (PyTorch) and ${theirs} (tfjs) say the same, got both; give one`);
  }
}

function checkInteger(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new ArgumentError(`${OP}: ${name} must be an integer of at least ${least}, got ${value}`);
  }
}
