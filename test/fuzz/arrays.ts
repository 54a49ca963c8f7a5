/** Weights of every type, small. */
import type { StoredArray } from '../../src/weights/index.js';

export const arrays: Readonly<Record<string, StoredArray>> = {
  'conv1.weight': { shape: [4, 3, 3, 3], dtype: 'float32', data: Float32Array.from({ length: 108 }, (_, i) => Math.sin(i)) },
  'conv1.bias': { shape: [4], dtype: 'float16', data: Float32Array.of(1, 2, 3, 4) },
  'bn1.running_mean': { shape: [4], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) },
  'bn1.num_batches_tracked': { shape: [], dtype: 'int64', data: BigInt64Array.of(7n) },
  'fc.weight': { shape: [10, 4], dtype: 'bfloat16', data: new Float32Array(40).fill(0.5) },
  mask: { shape: [2, 2], dtype: 'bool', data: Uint8Array.of(0, 1, 1, 0) },
};
