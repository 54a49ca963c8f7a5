import type { TensorInfo } from '@tensorflow/tfjs-core';
import { forEach, type Program } from '../../backends/webgpu/program.js';
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
  /** WGSL functions. */
  readonly functions?: string;
  /** WGSL that makes element `i`: of channel `c` at (py, px) of `picture`. */
  readonly body: string;
}

/** Runs it on tensors by name; gives what it writes. */
export function runPool<Geometry extends PoolSizes>(
  runner: WebgpuRunner,
  part: PoolPart<Geometry>,
  reads: Named<TensorInfo>,
  g: Geometry,
): TensorInfo[] {
  const { name, variant = '', windows, elements, writes, functions = '', body } = part;
  const [height, width] = elements === 'y' ? (['outHeight', 'outWidth'] as const) : (['inHeight', 'inWidth'] as const);
  const shape = [g.batch, g[height], g[width], g.inChannels];
  const size = shape.reduce((product, length) => product * length, 1);
  const floats = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, 'f32' as const]));
  const program = runner.program(
    name,
    variant,
    g,
    (): Program => ({
      reads: floats(Object.keys(reads)),
      writes: floats(writes),
      uniforms: windows.uniforms,
      text: `${windows.functions}\n${functions}\n${forEach('u.size', `${placeText(`u.${height}`, `u.${width}`)}\n${body}`)}`,
    }),
  );
  const made = writes.map(() => runner.output(shape));
  const written = Object.fromEntries(writes.map((each, i) => [each, made[i]!]));
  runner.launchForEach(program, { ...reads, ...written }, windows.numbers(g, size), size);
  return made;
}
