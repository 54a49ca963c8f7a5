import { add, cast, clipByValue, floor, gather, type Tensor, type Tensor4D, tensor1d } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { BatchOperation } from '../operation.js';
import type { Operation } from '../transform.js';
import { throughTable } from './grey-levels.js';

/**
 * An operation on whole grey levels: of tensors the nearest ones are taken first. Otherwise a hair's breadth between two backends,
 * left by a rotation before, would decide on which side of a threshold a pixel falls.
 */
export abstract class LevelOperation extends BatchOperation {
  /** x and result [batch, height, width, channels], whole numbers 0..255 */
  protected abstract onLevels(x: Tensor4D): Tensor4D;

  protected onBatch(x: Tensor4D): Tensor4D {
    return this.onLevels(floor(add(clipByValue(x, 0, 255), 0.5)));
  }
}

/** Every grey level looked up in a table of 256. */
export class TableOperation extends LevelOperation {
  constructor(private readonly table: Uint8Array) {
    super();
  }

  onPicture(picture: Picture): Picture {
    return throughTable(picture, this.table);
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    return gather(tensor1d(Float32Array.from(this.table)) as Tensor, cast(x, 'int32')) as Tensor4D;
  }
}

class WholeLevels extends LevelOperation {
  onPicture(picture: Picture): Picture {
    return picture;
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    return x;
  }
}

/** What bytes are by nature, tensors become. */
export const wholeLevels: Operation = new WholeLevels();
