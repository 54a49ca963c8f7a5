import { add, gather, mul, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { GeometryError } from '../../geometry.js';
import { checkFloat32 } from '../../ops/input.js';
import type { TensorBatch } from './batch-transform.js';
import { partnerOf } from './soft-targets.js';

/** Makes pictures of those of a batch, and shares of classes. @throws GeometryError where sizes do not fit together */
export function changedTensors(
  where: string,
  { x, targets }: TensorBatch,
  change: (batch: TensorBatch) => { x: Tensor; targets: Tensor },
): TensorBatch {
  checkFloat32(where, 'x', x);
  checkFloat32(where, 'targets', targets);
  if (x.rank !== 4 || targets.rank !== 2 || x.shape[0] !== targets.shape[0]) {
    throw new GeometryError(
      `${where}: x must be [size, height, width, channels] and targets [size, classes], got [${x.shape}] and [${targets.shape}]`,
    );
  }
  return tidy(() => {
    const changed = change({ x, targets });
    return { x: changed.x, targets: changed.targets };
  }) as unknown as TensorBatch;
}

/** The same with every picture in the place of the one that is mixed with it. */
export function partnersOf<T extends Tensor>(values: T): T {
  const size = values.shape[0]!;
  const places = Int32Array.from({ length: size }, (_, i) => partnerOf(i, size));
  return gather(values, tensor1d(places, 'int32'));
}

/** own of every row, and the rest of its partner's. */
export function blended<T extends Tensor>(values: T, own: number): T {
  return add(mul(values, own), mul(partnersOf(values), 1 - own));
}
