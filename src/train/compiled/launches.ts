/** What the drivers of kernels launch: taken down once, so that a step that is played again need not ask them. */
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { aligned } from './placement.js';

/** One thing that a driver has done. */
export type Launch =
  | { readonly do: 'parallel'; readonly name: string; readonly count: number; readonly grain: number; readonly args: number[] }
  | { readonly do: 'call'; readonly name: string; readonly args: number[] }
  | { readonly do: 'clear'; readonly pointer: number; readonly bytes: number };

/** A driver reads or writes memory itself: it has to run each time. */
export class TouchesMemory extends Error {}

/** Memory that a driver asks for. */
export interface Space {
  /** Of workspace, which others use between two runs of the call. */
  scratch(bytes: number): number;
  /** Of numbers that stay. */
  struct(fields: readonly number[]): number;
}

/** A runtime that runs nothing, but for questions: calls without arguments. */
export class LaunchRecorder implements WasmRuntime {
  readonly launches: Launch[] = [];
  readonly threads: number;
  readonly wide: boolean | undefined;

  constructor(
    private readonly runtime: WasmRuntime,
    private readonly space: Space,
  ) {
    this.threads = runtime.threads;
    this.wide = runtime.wide;
  }

  parallel(name: string, count: number, grain: number, ...args: number[]): void {
    if (count > 0) this.launches.push({ do: 'parallel', name, count, grain, args });
  }

  call(name: string, ...args: number[]): number {
    if (args.length === 0) return this.runtime.call(name);
    this.launches.push({ do: 'call', name, args });
    return 0;
  }

  clear(pointer: number, bytes: number): void {
    this.launches.push({ do: 'clear', pointer, bytes });
  }

  scratch(bytes: number): number {
    return this.space.scratch(bytes);
  }

  struct(...fields: number[]): number {
    return this.space.struct(fields);
  }

  float32(): never {
    throw new TouchesMemory();
  }

  int32(): never {
    throw new TouchesMemory();
  }
}

/** Bytes that a driver asks for. */
export interface Needs {
  scratch: number;
  structs: number;
}

/** Counts what a driver asks for; the addresses it is given lead nowhere. */
export class CountedSpace implements Space {
  readonly needs: Needs = { scratch: 0, structs: 0 };

  scratch(bytes: number): number {
    this.needs.scratch += aligned(bytes);
    return 64;
  }

  struct(fields: readonly number[]): number {
    this.needs.structs += aligned(fields.length * 4);
    return 64;
  }
}

/** Hands out memory that was counted before. */
export class GivenSpace implements Space {
  constructor(
    private scratchAt: number,
    private structsAt: number,
    private readonly write: (pointer: number, fields: readonly number[]) => void,
  ) {}

  scratch(bytes: number): number {
    const pointer = this.scratchAt;
    this.scratchAt += aligned(bytes);
    return pointer;
  }

  struct(fields: readonly number[]): number {
    const pointer = this.structsAt;
    this.structsAt += aligned(fields.length * 4);
    this.write(pointer, fields);
    return pointer;
  }
}
