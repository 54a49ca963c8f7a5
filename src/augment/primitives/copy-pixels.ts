import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { BatchOperation } from '../operation.js';
import type { Operation } from '../transform.js';
import { OUTSIDE } from './axis-indices.js';
import { copyBytes } from './copy-bytes.js';
import { pickPixels } from './pick-pixels.js';

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
    return new CopyPixels(chosen(this.rows, next.rows), chosen(this.columns, next.columns), this.fill);
  }

  protected onBatch(x: Tensor4D): Tensor4D {
    const { rows, columns } = this;
    const places = new Int32Array(rows.length * columns.length);
    let at = 0;
    for (const row of rows) {
      for (const column of columns) places[at++] = row === OUTSIDE || column === OUTSIDE ? OUTSIDE : row * x.shape[2] + column;
    }
    return pickPixels(x, places, rows.length, columns.length, this.fill);
  }
}

function chosen(indices: Int32Array, places: Int32Array): Int32Array {
  return places.map((place) => indices[place]!);
}
