/** What a training step tells a GPU, as a list of commands on buffers. */
import type { Variable } from '@tensorflow/tfjs-core';
import type { Launch } from '../../../backends/launch-watcher.js';
import type { Renewal } from '../recording.js';
import type { RecordedStep } from '../step-player.js';

/** What a buffer holds, by its place among the origins: one buffer may be several values, one after the other. */
export type Value = number;

/** Size in bytes and usage of a buffer. */
export interface BufferKind {
  readonly size: number;
  readonly usage: number;
}

/** Where a value comes from. */
export type Origin =
  /** Made by the step's own commands. */
  | ({ readonly from: 'step' } & BufferKind)
  /** One of the step's inputs. */
  | ({ readonly from: 'input'; readonly index: number } & BufferKind)
  | { readonly from: 'variable'; readonly variable: Variable }
  /** Brought from JavaScript in the step: a tensor's numbers, or a program's uniforms. */
  | ({ readonly from: 'constant'; readonly bytes: Uint8Array } & BufferKind)
  /** A buffer that was there before, of a tensor or a runner. */
  | { readonly from: 'outside'; readonly buffer: GPUBuffer; readonly dataId: object | undefined };

/** A program that runs. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: readonly number[];
  /** In the order of the bindings; the last one is the uniforms'. */
  readonly bound: readonly Value[];
  /** Those of them that it writes. */
  readonly writes: readonly Value[];
}

/** Bytes that are copied, from a buffer's beginning to another's. */
export interface Copy {
  readonly source: Value;
  readonly target: Value;
  readonly size: number;
}

export type Command = Dispatch | Copy;

/** A kernel of ours whose attributes are others each time: its programs' uniforms are made anew. */
export interface KernelCall extends Pick<Launch, 'name' | 'geometries' | 'attributes'> {
  /** `dtype` is that of the numbers in the buffer. */
  readonly inputs: readonly { readonly name: string; readonly shape: number[]; readonly dtype: string }[];
  /** Which renewals made the geometries; undefined for those that stay. */
  readonly renewals: readonly (number | undefined)[];
  /** Its programs, by their places among the commands. */
  readonly dispatches: readonly number[];
}

/** An output as tfjs sees it; its size in bytes. */
export interface Output {
  readonly value: Value;
  readonly size: number;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** A recorded step. */
export interface Recording extends RecordedStep {
  readonly origins: readonly Origin[];
  readonly commands: readonly Command[];
  readonly kernels: readonly KernelCall[];
  readonly renewals: readonly Renewal[];
  readonly outputs: readonly Output[];
  /** Variables that have another buffer afterwards, and what it holds. */
  readonly assigned: ReadonlyMap<Variable, Value>;
}

/** Values that a command touches. */
export function touchedBy(command: Command): readonly Value[] {
  return 'bound' in command ? command.bound : [command.source, command.target];
}

/** Values that a command changes. */
export function changedBy(command: Command): readonly Value[] {
  return 'bound' in command ? command.writes : [command.target];
}
