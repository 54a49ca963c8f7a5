/** What stays in place when pictures are turned. */
import { finiteNumbers } from '../options.js';
import type { PictureSize } from '../transform.js';

/** [x, y] in pixels from the upper left corner, or null: the middle. */
export type Center = readonly [number, number] | null;

/** As given. @throws ArgumentError where it is no place */
export function centerOption(where: string, center: Center = null): Center {
  return center === null ? null : (finiteNumbers(where, 'center', ['x', 'y'], center) as readonly [number, number]);
}

/** [x, y] in pixels from the middle. */
export function centreOf(center: Center, { height, width }: PictureSize): readonly [number, number] {
  return center === null ? [0, 0] : [center[0] - width / 2, center[1] - height / 2];
}
