/**
 * How a tensor lies in a texture. tfjs packs the last two axes: a texel holds rows 2i and 2i + 1, columns 2j and 2j + 1 of one
 * matrix as (r0c0, r0c1, r1c0, r1c1); texels follow each other row by row, matrix by matrix. Where a size is odd the rest of the texel
 * is undefined. Of an NHWC picture a texel holds two pixels of a row and two channels of each.
 */
import { util } from '@tensorflow/tfjs-core';

/** A tensor as a batch of matrices, in texels. */
export interface Matrices {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /** Texels of all. */
  readonly texels: number;
}

/** Texels that `size` values take along one axis. */
export const half = (size: number): number => (size + 1) >> 1;

export function matricesOf(shape: readonly number[]): Matrices {
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1) ?? 1;
  const batch = util.sizeFromShape(shape.slice(0, -2));
  return { batch, rows, columns, texels: batch * half(rows) * half(columns) };
}

/** Whether two shapes lie in a texture alike. */
export function alike(a: readonly number[], b: readonly number[]): boolean {
  const [x, y] = [matricesOf(a), matricesOf(b)];
  return x.batch === y.batch && x.rows === y.rows && x.columns === y.columns;
}

/**
 * The texture's width in texels. Widths are powers of two, so that a texel's place follows from its index without a division, which is
 * slow on every GPU.
 */
export function textureWidth(texels: number): number {
  return 2 ** Math.ceil(Math.log2(texels) / 2);
}

/** Rows and columns of the texture as tfjs counts them: two a texel. */
export function textureShape(texels: number): [number, number] {
  const width = textureWidth(texels);
  return [2 * Math.ceil(texels / width), 2 * width];
}

/** Values in the order of their texels, the rest of odd texels 0. */
export function packed(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  const { batch, rows, columns, texels } = matricesOf(shape);
  const [height, width] = textureShape(texels);
  const out = new Float32Array(height * width);
  const line = half(columns) * 4;
  let from = 0;
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++) {
      let to = (b * half(rows) + (r >> 1)) * line + (r & 1) * 2;
      for (let c = 0; c < columns; c += 2, to += 4) {
        out[to] = values[from++]!;
        if (c + 1 < columns) out[to + 1] = values[from++]!;
      }
    }
  }
  return out;
}
