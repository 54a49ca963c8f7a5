import { getBackend } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../../geometry.js';
import { hostOf } from '../../op-kernels.js';
import { type Precision, withPrecision } from '../../precision.js';

/**
 * Runs `work` with products of half precision: convolutions (not depthwise ones) and dense layers see both factors, x, filter and dy, as
 * float16, and add up in float32. All tensors stay float32: weights, activations, gradients. What is larger than 65504 as a factor is
 * infinite, what is below 6.1e-5 may be 0: gradients want a `LossScaler`. A gradient's products are of the precision at the time it is
 * computed, so forward and backward pass belong into one call. Source: torch.autocast.
 *
 *     autocast('float16', () => optimizer.minimize(() => loss()));
 *
 * On a device without `shader-f16` the halves are packed by hand: the same numbers, up to their smallest.
 *
 * @param precision 'float16', or 'float32' for a part of such work
 * @param work      runs to its end at once: not an async function
 * @returns         what `work` returns
 * @throws ArgumentError where the current backend has no such products: it takes `accelerate('webgpu')`
 */
export function autocast<T>(precision: Precision, work: () => T): T {
  if (precision !== 'float16' && precision !== 'float32') {
    throw new ArgumentError(`autocast: precision must be 'float16' or 'float32', got ${JSON.stringify(precision)}`);
  }
  if (precision === 'float16' && !hostOf(getBackend())?.halfProducts) {
    throw new ArgumentError(
      `autocast: products of float16 take the backend 'webgpu' after accelerate('webgpu'), the current one is '${getBackend()}'; ` +
        "choose that one, or leave the precision at 'float32'",
    );
  }
  const result = withPrecision(precision, work);
  if (result instanceof Promise) {
    throw new ArgumentError(
      'autocast: work must not be an async function: only what runs before its first await would be float16',
    );
  }
  return result;
}
