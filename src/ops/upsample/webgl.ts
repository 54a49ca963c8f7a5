import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { UpsampleGeometry } from './geometry.js';
import { resamplingTable } from './table.js';

/** One fragment adds up what two pixels of a row, two channels of each, are made of. `table` is table.ts's, a pair a texel. */
const CODE = `float weight(int entry, int k) {
  vec2 pair = table(entry + 1 + (k >> 1)).xy;
  return (k & 1) == 0 ? pair.x : pair.y;
}
vec2 pixel(int picture, int rowEntry, int columnEntry, int c) {
  vec2 above = table(rowEntry).xy, left = table(columnEntry).xy;
  vec2 sum = vec2(0);
  for (int r = 0; r < int(above.y); r++) {
    int line = (picture * fromRows + int(above.x) + r) * fromTexels;
    vec2 row = vec2(0);
    for (int k = 0; k < int(left.y); k++) {
      int column = int(left.x) + k;
      vec4 pair = source((line + (column >> 1)) * depth + c);
      row += weight(columnEntry, k) * ((column & 1) == 0 ? pair.xy : pair.zw);
    }
    sum += weight(rowEntry, r) * row;
  }
  return sum;
}
void compute(int texel) {
  int rest = quotient(texel, depth), c = texel - rest * depth;
  int line = quotient(rest, toTexels), column = (rest - line * toTexels) << 1;
  int picture = quotient(line, toRows), rowEntry = (line - picture * toRows) * rowPairs;
  int columnEntry = toRows * rowPairs + column * columnPairs;
  out0.xy = pixel(picture, rowEntry, columnEntry, c);
  out0.zw = column + 1 < toColumns ? pixel(picture, rowEntry, columnEntry + columnPairs, c) : vec2(0);
}`;

function resampled(source: TensorInfo, g: UpsampleGeometry, part: 'forward' | 'dx', runner: WebglRunner): TensorInfo[] {
  const { from, to, values, rowPairs, columnPairs } = resamplingTable(g, part);
  const table = runner.constant(values);
  const made = runner.run({
    name: `CnnUpsample2D ${part}`,
    geometry: g,
    code: () => CODE,
    inputs: { source, table },
    ints: {
      ...{ depth: half(g.channels), fromRows: from[0], fromTexels: half(from[1]) },
      ...{ toRows: to[0], toColumns: to[1], toTexels: half(to[1]), rowPairs, columnPairs },
    },
    outputs: [[g.batch, ...to, g.channels]],
  });
  runner.dispose(table);
  return made;
}

export const webgl: Parts<RunnerKernel<UpsampleGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) => resampled(x!, g, 'forward', runner),
  dx: ({ dy }, g, runner) => resampled(dy!, g, 'dx', runner),
};
