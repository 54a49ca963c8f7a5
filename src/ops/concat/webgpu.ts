import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ConcatGeometry } from './geometry.js';

/** `width` numbers of each row of x, from one place in it to another in a row of y; all sizes in elements. */
const program = (element: Element): Program => ({
  reads: { x: element },
  writes: { y: element },
  uniforms: { size: 'u32', width: 'u32', xPitch: 'u32', xFirst: 'u32', yPitch: 'u32', yFirst: 'u32' },
  text: forEach(
    'u.size',
    `  let row = i / u.width;
  let column = i - row * u.width;
  y[row * u.yPitch + u.yFirst + column] = x[row * u.xPitch + u.xFirst + column];`,
  ),
});

/** A range of the columns of a matrix. */
interface Range {
  readonly tensor: TensorInfo;
  readonly pitch: number;
  readonly first: number;
}

function copy(runner: WebgpuRunner, rows: number, width: number, from: Range, to: Range): void {
  const fours = [width, from.pitch, from.first, to.pitch, to.first].every((size) => size % 4 === 0);
  const element = fours ? 'vec4<f32>' : 'f32';
  const compiled = runner.program('columns', element, { rows, width }, () => program(element));
  const numbers = { width, xPitch: from.pitch, xFirst: from.first, yPitch: to.pitch, yFirst: to.first };
  const units = Object.fromEntries(Object.entries(numbers).map(([name, size]) => [name, fours ? size / 4 : size]));
  const size = rows * units['width']!;
  runner.launchForEach(compiled, { x: from.tensor, y: to.tensor }, { size, ...units }, size);
}

/** Parts of the op that joins `count` tensors: a launch for each. */
export function concatWebgpu(count: number): Parts<RunnerKernel<ConcatGeometry, WebgpuRunner>> {
  const indices = Array.from({ length: count }, (_, i) => i);
  const part = (g: ConcatGeometry, tensor: TensorInfo, i: number): Range => ({ tensor, pitch: g.channels[i]!, first: 0 });
  const whole = (g: ConcatGeometry, tensor: TensorInfo, i: number): Range => ({ tensor, pitch: g.total, first: g.offsets[i]! });
  const dx =
    (i: number): RunnerKernel<ConcatGeometry, WebgpuRunner> =>
    ({ dy }, g, runner) => {
      const made = runner.output([...g.outer, g.channels[i]!]);
      copy(runner, g.rows, g.channels[i]!, whole(g, dy!, i), part(g, made, i));
      return [made];
    };
  return {
    forward(inputs, g, runner) {
      const y = runner.output([...g.outer, g.total]);
      for (const i of indices) copy(runner, g.rows, g.channels[i]!, part(g, inputs[`x${i}`]!, i), whole(g, y, i));
      return [y];
    },
    ...Object.fromEntries(indices.map((i) => [`dx${i}`, dx(i)] as const)),
  };
}
