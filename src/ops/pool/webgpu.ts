import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Named } from '../../kernels.js';
import type { PoolSizes } from './axis.js';
import { type PoolWindows, placeText } from './webgpu-windows.js';

/** A part of a pool: what one thread does for one element. */
export interface PoolPart<Geometry extends PoolSizes> {
  /** Op and part: 'l2Pool dx'. */
  readonly name: string;
  readonly variant?: string;
  readonly windows: PoolWindows<Geometry>;
  /** Whose elements have a thread each: those of y, or those of x. */
  readonly elements: 'y' | 'x';
  /** What it writes, by name: tensors of that size. */
  readonly writes: readonly string[];
  /** Buffers whose numbers are integers. */
  readonly integers?: readonly string[];
  /** WGSL functions; the type of an element is T, of an integer I, what comparing two of them gives is B. */
  functions?(T: Element): string;
  /** WGSL that makes element `i`: of channel `c` at (py, px) of `picture`. */
  readonly body: string;
}

/** Runs it on tensors by name, four channels a thread where they come in fours; gives what it writes. */
export function runPool<Geometry extends PoolSizes>(
  runner: WebgpuRunner,
  part: PoolPart<Geometry>,
  reads: Named<TensorInfo>,
  g: Geometry,
): TensorInfo[] {
  const { name, variant = '', windows, elements, writes, integers = [], functions, body } = part;
  const [height, width] = elements === 'y' ? (['outHeight', 'outWidth'] as const) : (['inHeight', 'inWidth'] as const);
  const fours = g.inChannels % 4 === 0;
  const [T, I]: [Element, Element] = fours ? ['vec4<f32>', 'vec4<i32>'] : ['f32', 'i32'];
  const all = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, integers.includes(each) ? I : T]));
  const program = runner.program(
    name,
    `${variant} ${T}`.trim(),
    g,
    (): Program => ({
      reads: all(Object.keys(reads)),
      writes: all(writes),
      uniforms: windows.uniforms,
      text: `alias T = ${T};
alias I = ${I};
alias B = ${fours ? 'vec4<bool>' : 'bool'};
${windows.functions}
${functions?.(T) ?? ''}
${forEach('u.size', `${placeText(`u.${height}`, `u.${width}`)}\n${body}`)}`,
    }),
  );
  const made = writes.map(() => runner.output([g.batch, g[height], g[width], g.inChannels]));
  const written = Object.fromEntries(writes.map((each, i) => [each, made[i]!]));
  const channels = fours ? g.inChannels / 4 : g.inChannels;
  const size = g.batch * g[height] * g[width] * channels;
  runner.launchForEach(program, { ...reads, ...written }, { ...windows.numbers(g, size), channels }, size);
  return made;
}
