import type { UpdateGeometry } from './update-op.js';

/** The largest float32: stands for a limit that there is none of, without asking the GPU for an infinity. */
const MOST = 3.4028234663852886e38;

/** The numbers that `penalized` reads. */
export function penaltiesOf({ clip, l1, l2 }: Pick<UpdateGeometry, 'clip' | 'l1' | 'l2'>): Record<string, number> {
  return { clip: Math.min(clip, MOST), l1, l2 };
}

/** The gradient of a texel: clipped after `factor`, with what the penalties add. */
export const PENALIZED = `vec4 penalized(vec4 gradient, vec4 value, float factor) {
  return max(vec4(-clip), min(vec4(clip), gradient * factor)) + l2 * value + l1 * sign(value);
}`;
