import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half, matricesOf } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { DropoutGeometry } from './mask.js';

/** The mask is mask.ts's, bit by bit. One fragment multiplies two rows of two columns. */
const CODE = `float kept(uint i) {
  uint hash = i * 0x9e3779b9u + uint(start);
  hash = (hash ^ (hash >> 16)) * 0x7feb352du + uint(key);
  hash = (hash ^ (hash >> 15)) * 0x846ca68bu;
  return (hash ^ (hash >> 16)) < uint(threshold) ? 0. : scale;
}
void compute(int texel) {
  int line = quotient(texel, columnTexels), c = (texel - line * columnTexels) << 1;
  int matrix = quotient(line, rowTexels), r = (line - matrix * rowTexels) << 1;
  uint above = uint((matrix * rows + r) * columns + c), below = above + uint(columns);
  out0 = x(texel) * vec4(kept(above), kept(above + 1u), kept(below), kept(below + 1u));
}`;

function masked(x: TensorInfo, g: DropoutGeometry, runner: WebglRunner): TensorInfo[] {
  const { rows, columns } = matricesOf(g.shape);
  // Words of 32 bits, which uniforms have as integers with a sign.
  const [start, key, threshold] = [g.start | 0, g.key | 0, g.threshold | 0];
  return runner.run({
    name: 'CnnDropout',
    geometry: g,
    code: () => CODE,
    inputs: { x },
    ints: { rows, columns, rowTexels: half(rows), columnTexels: half(columns), start, key, threshold },
    floats: { scale: g.scale },
    outputs: [g.shape],
  });
}

export const webgl: Parts<RunnerKernel<DropoutGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) => masked(x!, g, runner),
  dx: ({ dy }, g, runner) => masked(dy!, g, runner),
};
