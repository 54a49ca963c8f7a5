import { DEPTH } from './tiles.js';

/** How the depth of a product is cut, so that enough workgroups run; each slice's sum is kept and all are added in order. */
export interface Slices {
  readonly slices: number;
  readonly sliceDepth: number;
}

/**
 * Follows from sizes alone, so that sums are the same whatever tile is used.
 *
 * @param workgroups that keep a GPU busy
 * @param most       slices
 */
export function slicesFor(rows: number, columns: number, matrices: number, depth: number, workgroups = 512, most = 64): Slices {
  const tiles = Math.ceil(rows / 64) * Math.ceil(columns / 64) * matrices;
  const wanted = Math.max(1, Math.min(most, Math.floor(workgroups / tiles), Math.floor(depth / 256)));
  const sliceDepth = Math.max(DEPTH, Math.ceil(depth / wanted / DEPTH) * DEPTH);
  return { slices: Math.max(1, Math.ceil(depth / sliceDepth)), sliceDepth };
}

/** The depth in one piece. */
export function uncut(depth: number): Slices {
  return { slices: 1, sliceDepth: Math.max(DEPTH, Math.ceil(depth / DEPTH) * DEPTH) };
}
