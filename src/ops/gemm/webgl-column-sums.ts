import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';

/** Fragments of the first pass: enough to fill a GPU. */
const FRAGMENTS = 4096;

/** One fragment adds up a slice of the rows, two columns at a time. */
const slicesCode = (term: string): string => `void compute(int texel) {
  int slice = quotient(texel, columnTexels), c = texel - slice * columnTexels;
  int end = min((slice + 1) * sliceLines, lines);
  vec4 sum = vec4(0);
  for (int line = slice * sliceLines; line < end; line++) {
    vec4 v = x(line * columnTexels + c);
    if (odd == 1 && line % lineTexels == lineTexels - 1) v.zw = vec2(0);
    sum += ${term};
  }
  out0 = vec4(sum.xy + sum.zw, 0., 0.);
}`;

/** One fragment adds up the slices. */
const TOTAL = `void compute(int texel) {
  vec2 sum = vec2(0);
  for (int slice = 0; slice < slices; slice++) sum += part(slice * columnTexels + texel).xy;
  out0 = vec4(sum, 0., 0.);
}`;

/**
 * Sums of the columns of x [..., rows, columns], of all rows of all matrices: [columns].
 * @param term what is added up of the texel v; 0 where v is
 */
export function columnSums(runner: WebglRunner, name: string, geometry: object, x: TensorInfo, term = 'v'): TensorInfo {
  const columns = x.shape.at(-1)!;
  const rows = x.shape.at(-2)!;
  const columnTexels = half(columns);
  const lineTexels = half(rows);
  const lines = x.shape.slice(0, -2).reduce((a, b) => a * b, 1) * lineTexels;
  const sliceLines = Math.ceil(lines / Math.max(1, Math.min(Math.round(FRAGMENTS / columnTexels), Math.ceil(Math.sqrt(lines)))));
  const slices = Math.ceil(lines / sliceLines);
  const [part] = runner.run({
    name: `${name}, slices`,
    geometry,
    variant: term,
    code: () => slicesCode(term),
    inputs: { x },
    ints: { columnTexels, sliceLines, lines, lineTexels, odd: rows & 1 },
    outputs: [[slices * columnTexels, 2, 2]],
  });
  const [sums] = runner.run({
    name,
    geometry,
    code: () => TOTAL,
    inputs: { part: part! },
    ints: { slices, columnTexels },
    outputs: [[columns]],
  });
  runner.dispose(part!);
  return sums!;
}
