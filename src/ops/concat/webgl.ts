import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ConcatGeometry } from './geometry.js';

/** Two rows of channel `c`, which may be either of a texel's two. */
const column = (name: string, depth: string): string => `vec2 ${name}Column(int line, int c) {
  vec4 four = ${name}(line * ${depth} + (c >> 1));
  return (c & 1) == 0 ? four.xz : four.yw;
}`;

/** One fragment puts two rows of two channels together, each of the tensor that has it. */
function forwardCode(count: number): string {
  const indices = Array.from({ length: count }, (_, i) => i);
  return [
    ...indices.map((i) => column(`x${i}`, `depth${i}`)),
    'vec2 joined(int line, int c) {',
    ...indices
      .slice(1)
      .reverse()
      .map((i) => `  if (c >= offset${i}) return x${i}Column(line, c - offset${i});`),
    '  return x0Column(line, c);',
    '}',
    'void compute(int texel) {',
    '  int line = quotient(texel, depth), c = (texel - line * depth) << 1;',
    '  vec2 left = joined(line, c), right = c + 1 < total ? joined(line, c + 1) : vec2(0);',
    '  out0 = vec4(left.x, right.x, left.y, right.y);',
    '}',
  ].join('\n');
}

const BACK = `${column('dy', 'depth')}
void compute(int texel) {
  int line = quotient(texel, own), c = offset + ((texel - line * own) << 1);
  vec2 left = dyColumn(line, c), right = c + 1 < total ? dyColumn(line, c + 1) : vec2(0);
  out0 = vec4(left.x, right.x, left.y, right.y);
}`;

/** Parts of the op that joins `count` tensors. */
export function concatWebgl(count: number): Parts<RunnerKernel<ConcatGeometry, WebglRunner>> {
  const indices = Array.from({ length: count }, (_, i) => i);
  const dx =
    (i: number): RunnerKernel<ConcatGeometry, WebglRunner> =>
    ({ dy }, g, runner) =>
      runner.run({
        name: `CnnConcat${count} dx`,
        geometry: g,
        code: () => BACK,
        inputs: { dy: dy! },
        ints: { depth: half(g.total), own: half(g.channels[i]!), offset: g.offsets[i]!, total: g.total },
        outputs: [[...g.outer, g.channels[i]!]],
      });
  return {
    forward: (inputs, g, runner) =>
      runner.run({
        name: `CnnConcat${count} forward`,
        geometry: g,
        code: () => forwardCode(count),
        inputs: Object.fromEntries(indices.map((i) => [`x${i}`, inputs[`x${i}`]!])),
        ints: {
          depth: half(g.total),
          total: g.total,
          ...Object.fromEntries(indices.map((i) => [`depth${i}`, half(g.channels[i]!)])),
          ...Object.fromEntries(indices.slice(1).map((i) => [`offset${i}`, g.offsets[i]!])),
        },
        outputs: [[...g.outer, g.total]],
      }),
    ...Object.fromEntries(indices.map((i) => [`dx${i}`, dx(i)] as const)),
  };
}
