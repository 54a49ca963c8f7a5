import { Tensor } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';

/**
 * Kernels read float32 buffers: everything else is refused here, where it can still be named.
 *
 * @throws ArgumentError
 */
export function checkFloat32(op: string, argument: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new ArgumentError(`${op}: ${argument} must be a tensor, got ${value === null ? 'null' : typeof value}`);
  }
  if (value.dtype !== 'float32') {
    throw new ArgumentError(
      `${op}: ${argument} must be float32, got ${value.dtype}; tf.cast(${argument}, 'float32') makes it so`,
    );
  }
}
