/** Operations to build others of. */
import { reshape, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Picture } from '../data/resize.js';
import type { Operation } from './transform.js';

/** Changes nothing. */
export const unchanged: Operation = {
  onPicture: (picture) => picture,
  onTensor: (x) => x,
};

/** One after another; what can be one pass becomes one. */
export function inSequence(operations: readonly Operation[]): Operation {
  const passes: Operation[] = [];
  for (const operation of operations) {
    if (operation === unchanged) continue;
    const both = passes.at(-1)?.followedBy?.(operation);
    if (both) passes[passes.length - 1] = both;
    else passes.push(operation);
  }
  if (passes.length <= 1) return passes[0] ?? unchanged;
  return {
    onPicture: (picture) => passes.reduce((result, operation) => operation.onPicture(result), picture),
    onTensor: (x) => tidy(() => passes.reduce((result, operation) => operation.onTensor(result), x)),
  };
}

/** An operation whose tensor half is written once, for batches; intermediate tensors are disposed of. */
export abstract class BatchOperation implements Operation {
  abstract onPicture(picture: Picture): Picture;

  /** x and result [batch, height, width, channels] */
  protected abstract onBatch(x: Tensor4D): Tensor4D;

  onTensor<X extends Tensor3D | Tensor4D>(x: X): X {
    return tidy(() => {
      if (x.rank === 4) return this.onBatch(x as Tensor4D) as X;
      const [height, width, channels] = x.shape;
      const y = this.onBatch(reshape(x, [1, height, width, channels!]) as Tensor4D);
      return reshape(y, y.shape.slice(1) as [number, number, number]) as X;
    });
  }
}
