/** Whole grey levels added to every channel. */
import { add, clipByValue, type Tensor4D, tensor1d } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { GeometryError } from '../../geometry.js';
import type { Operation, PictureSize } from '../transform.js';
import { levelTable, throughTables, toLevel } from './grey-levels.js';
import { LevelOperation } from './level-operation.js';

class ChannelShift extends LevelOperation {
  constructor(private readonly levels: readonly number[]) {
    super();
  }

  onPicture(picture: Picture): Picture {
    return throughTables(picture, (_, channel) => levelTable((level) => toLevel(level + this.levels[channel]!)));
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    return clipByValue(add(x, tensor1d(this.levels as number[])), 0, 255);
  }
}

/** x plus a number of levels for red, green and blue, rounded. @throws GeometryError where there are other channels */
export function colourShift(where: string, levels: readonly number[], { channels }: PictureSize): Operation {
  if (channels !== 3) {
    throw new GeometryError(`${where}: pictures must have 3 channels (red, green, blue), got ${channels}`);
  }
  return new ChannelShift(levels.map(Math.round));
}
