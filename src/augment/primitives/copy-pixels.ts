import { gather, type Tensor4D, tensor1d, tensor4d, where } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { BatchOperation } from '../operation.js';
import type { Operation } from '../transform.js';
import { OUTSIDE } from './axis-indices.js';
import { copyBytes } from './copy-bytes.js';

/**
 * Pixel [y, x] of the result is pixel [rows[y], columns[x]] of the picture, or the fill where either is OUTSIDE: flips, crops,
 * pads, and what is several of them, in one pass. Nothing is computed, so every backend gives the same.
 */
export class CopyPixels extends BatchOperation {
  /** @param fill one grey level a channel; needed where something is OUTSIDE */
  constructor(
    private readonly rows: Int32Array,
    private readonly columns: Int32Array,
    private readonly fill: readonly number[] = [],
  ) {
    super();
  }

  onPicture(picture: Picture): Picture {
    return copyBytes(picture, this.rows, this.columns, this.fill);
  }

  /** Both in one pass, where the second needs no fill. */
  followedBy(next: Operation): Operation | undefined {
    if (!(next instanceof CopyPixels) || next.rows.includes(OUTSIDE) || next.columns.includes(OUTSIDE)) return undefined;
    return new CopyPixels(at(this.rows, next.rows), at(this.columns, next.columns), this.fill);
  }

  protected onBatch(x: Tensor4D): Tensor4D {
    const copied = along(along(x, this.rows, 1), this.columns, 2);
    const inside = insideMask(this.rows, this.columns);
    return inside ? where(inside, copied, tensor4d(this.fill as number[], [1, 1, 1, this.fill.length])) : copied;
  }
}

function at(indices: Int32Array, places: Int32Array): Int32Array {
  const chosen = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) chosen[i] = indices[places[i]!]!;
  return chosen;
}

function along(x: Tensor4D, indices: Int32Array, axis: number): Tensor4D {
  const asItIs = indices.length === x.shape[axis] && indices.every((index, i) => index === i);
  if (asItIs) return x;
  const places = indices.map((index) => Math.max(0, index));
  return gather(x, tensor1d(places, 'int32'), axis);
}

/** True inside of the picture; undefined where all is inside. */
function insideMask(rows: Int32Array, columns: Int32Array): Tensor4D | undefined {
  if (!rows.includes(OUTSIDE) && !columns.includes(OUTSIDE)) return undefined;
  const mask = new Uint8Array(rows.length * columns.length);
  let at = 0;
  for (const row of rows) for (const column of columns) mask[at++] = row !== OUTSIDE && column !== OUTSIDE ? 1 : 0;
  return tensor4d(mask, [1, rows.length, columns.length, 1], 'bool');
}
