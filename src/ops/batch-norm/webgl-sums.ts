/** Sums over the rows of x as [rows, channels]: slices of the rows first, each in one fragment, then the slices, in order. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half, matricesOf } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named } from '../../kernels.js';
import type { BatchNormGeometry } from './geometry.js';

/** Fragments that keep a GPU busy. */
const FRAGMENTS = 4096;

/** How the rows of a tensor are cut: lines are its rows in pairs, the last of a matrix may hold one row only. */
interface Cut {
  readonly depth: number;
  readonly lines: number;
  readonly linesEach: number;
  readonly odd: number;
  readonly sliceLines: number;
  readonly slices: number;
}

export function cutOf(shape: readonly number[]): Cut {
  const { batch, rows, columns } = matricesOf(shape);
  const [depth, linesEach] = [half(columns), half(rows)];
  const lines = batch * linesEach;
  const wanted = Math.max(1, Math.min(Math.round(FRAGMENTS / depth), Math.ceil(Math.sqrt(lines))));
  const sliceLines = Math.ceil(lines / wanted);
  return { depth, lines, linesEach, odd: rows & 1, sliceLines, slices: Math.ceil(lines / sliceLines) };
}

/** GLSL over a slice; `body` sees `line`, `at` (its texel) and `two`, whether it holds two rows. */
export const overSlice = (before: string, body: string, after: string): string => `void compute(int texel) {
  int slice = quotient(texel, depth), c = texel - slice * depth;
  int begin = slice * sliceLines, end = min(begin + sliceLines, lines);
  ${before}
  for (int line = begin; line < end; line++) {
    int at = line * depth + c;
    bool two = odd == 0 || line % linesEach != linesEach - 1;
    ${body}
  }
  ${after}
}`;

/** A texel of numbers for each slice and pair of channels. */
export function slicedSums(
  runner: WebglRunner,
  name: string,
  g: BatchNormGeometry,
  variant: string,
  code: () => string,
  inputs: Named<TensorInfo | undefined>,
  floats: Readonly<Record<string, number>> = {},
): TensorInfo {
  const { depth, lines, linesEach, odd, sliceLines, slices } = cutOf(g.shape);
  const [made] = runner.run({
    name,
    geometry: g,
    variant,
    code,
    inputs: inputs as Named<TensorInfo>,
    ints: { depth, lines, linesEach, odd, sliceLines },
    floats,
    outputs: [[slices * depth, 2, 2]],
  });
  return made!;
}
