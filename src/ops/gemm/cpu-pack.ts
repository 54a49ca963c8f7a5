import { PANEL } from './cpu-panel.js';

/**
 * Packs up to 4 rows as [depth / 4][4 rows][4], zeros where rows or depth end.
 * Element (row, level) is source[start + row * rowStep + level * depthStep].
 */
export function packRows(
  source: Float32Array,
  start: number,
  rowStep: number,
  depthStep: number,
  rows: number,
  depth: number,
  packed: Float64Array,
  packedStart: number,
): void {
  let to = packedStart;
  for (let level = 0; level < depth; level += 4) {
    for (let row = 0; row < 4; row++) {
      let from = start + row * rowStep + level * depthStep;
      for (let i = 0; i < 4; i++) {
        packed[to++] = row < rows && level + i < depth ? source[from]! : 0;
        from += depthStep;
      }
    }
  }
}

/**
 * Packs columns as [depth / 4][columns][4], zeros where depth ends, and returns the blocks of depth.
 * Element (level, column) is source[start + level * depthStep + column * columnStep].
 */
export function packColumns(
  source: Float32Array,
  start: number,
  depthStep: number,
  columnStep: number,
  depth: number,
  columns: number,
  packed: Float64Array,
): number {
  let to = 0;
  let level = 0;
  for (; level + 4 <= depth; level += 4) {
    let from = start + level * depthStep;
    for (let column = 0; column < columns; column++) {
      packed[to] = source[from]!;
      packed[to + 1] = source[from + depthStep]!;
      packed[to + 2] = source[from + 2 * depthStep]!;
      packed[to + 3] = source[from + 3 * depthStep]!;
      to += 4;
      from += columnStep;
    }
  }
  if (level < depth) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < 4; i++) {
        packed[to++] = level + i < depth ? source[start + (level + i) * depthStep + column * columnStep]! : 0;
      }
    }
  }
  return Math.ceil(depth / PANEL);
}
