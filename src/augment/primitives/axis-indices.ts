/** Along one axis of the result: which row or column of the picture stands there; OUTSIDE is none of them. */
import type { PaddingMode } from './padding-mode.js';

/** Where nothing of the picture is: the fill's place. */
export const OUTSIDE = -1;

/** `length` places from `first` on, which may begin before the picture and end behind it; `size` is the picture's. */
export function span(first: number, length: number, size: number, mode: PaddingMode): Int32Array {
  const indices = new Int32Array(length);
  const inside = insideOf[mode];
  for (let i = 0; i < length; i++) {
    const at = first + i;
    indices[i] = at >= 0 && at < size ? at : inside(at, size);
  }
  return indices;
}

/** The last comes first. */
export function reversed(size: number): Int32Array {
  const indices = new Int32Array(size);
  for (let i = 0; i < size; i++) indices[i] = size - 1 - i;
  return indices;
}

/** All places in their order. */
export function straight(size: number): Int32Array {
  return span(0, size, size, 'constant');
}

/** What stands at a place outside of the picture. Patterns go on beyond its size, as numpy.pad's do. */
const insideOf: Record<PaddingMode, (at: number, size: number) => number> = {
  constant: () => OUTSIDE,
  edge: (at, size) => (at < 0 ? 0 : size - 1),
  reflect(at, size) {
    if (size === 1) return 0;
    const period = 2 * (size - 1);
    const phase = ((at % period) + period) % period;
    return phase < size ? phase : period - phase;
  },
  symmetric(at, size) {
    const period = 2 * size;
    const phase = ((at % period) + period) % period;
    return phase < size ? phase : period - 1 - phase;
  },
};
