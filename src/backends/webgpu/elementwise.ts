import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, forEach, type Program } from './program.js';
import type { WebgpuRunner } from './runner.js';

type Tensors = Readonly<Record<string, TensorInfo | undefined>>;

/** A program that makes each element of its outputs of the same elements of its inputs. */
export interface Elementwise {
  /** Op and part. */
  readonly name: string;
  readonly variant?: string;
  readonly geometry: object;
  /** Number of elements. */
  readonly size: number;
  /** Absent ones are left out. */
  readonly reads: Tensors;
  readonly writes: Tensors;
  /** Scalars in memory, read as a number each. */
  readonly scalars?: Tensors;
  readonly numbers?: Readonly<Record<string, number>>;
  /** Types of the numbers; default f32. */
  readonly types?: Program['uniforms'];
  /** Whether the numbers are others at each step. */
  readonly changing?: boolean;
  /** WGSL functions, T being f32 or, where elements come in fours, vec4<f32>. */
  readonly functions?: (T: Element) => string;
  /** WGSL that makes element `i`; the alias T stands for the type of an element. */
  readonly body: string;
}

const present = (tensors: Tensors): string[] => Object.keys(tensors).filter((name) => tensors[name]);

/** Runs it, four elements a thread where they come in fours. */
export function launchElementwise(runner: WebgpuRunner, each: Elementwise): void {
  const { name, variant = '', geometry, size, reads, writes, scalars = {}, numbers = {}, types = {}, functions, body } = each;
  const T: Element = size % 4 === 0 ? 'vec4<f32>' : 'f32';
  const all = (names: string[], type: Element) => names.map((buffer) => [buffer, type] as const);
  const given = [...present(reads), ...present(scalars)].join();
  const program = runner.program(name, `${variant} ${T} ${given}`.trim(), geometry, () => ({
    reads: Object.fromEntries([...all(present(reads), T), ...all(present(scalars), 'f32')]),
    writes: Object.fromEntries(all(present(writes), T)),
    uniforms: { size: 'u32', ...Object.fromEntries(Object.keys(numbers).map((key) => [key, types[key] ?? 'f32'])) },
    text: `alias T = ${T};\n${functions?.(T) ?? ''}\n${forEach('u.size', body)}`,
  }));
  const count = T === 'f32' ? size : size / 4;
  runner.launchForEach(program, { ...reads, ...scalars, ...writes }, { size: count, ...numbers }, count, each.changing);
}
