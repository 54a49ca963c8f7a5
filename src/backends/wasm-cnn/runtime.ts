import type { WasmRuntime } from '../wasm-runtime.js';
import { Allocator, type HeapState } from './allocator.js';
import { CONTROL_END } from './control-block.js';
import { compileKernels, processors, type SimdLevel } from './engine.js';
import { canShareMemory, createMemory, growTo, type LinearMemory } from './memory.js';
import { PATIENCE_MS, ThreadPool } from './threads.js';
import { wideTilesPay } from './tile-choice.js';
import { Workspace } from './workspace.js';

/** No memory is left; the message names the op and the sizes. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** Options for tests and measurements; users never need them. */
export interface RuntimeOptions {
  /** Threads at most, the calling one included; default: the processors there are. */
  threads?: number;
  /** Milliseconds after which a worker that holds a piece of work is taken for dead. */
  patience?: number;
}

/** The kernels on a memory of our own, with threads where they can be had. */
export class CnnRuntime implements WasmRuntime {
  private readonly heap: Allocator;
  private readonly workspace: Workspace;
  private readonly pool: ThreadPool | undefined;
  private readonly exports: Record<string, (...args: number[]) => number>;
  readonly wide: boolean;
  /** Leaves the workers asleep: how measurements compare one thread with all, and tests their bits. */
  singleThreaded = false;

  private constructor(
    private readonly linear: LinearMemory,
    module: WebAssembly.Module,
    readonly simd: SimdLevel,
    mayBeWide: boolean,
    threads: number,
    patience: number,
  ) {
    const instance = new WebAssembly.Instance(module, { env: { memory: linear.memory } });
    this.exports = instance.exports as Record<string, (...args: number[]) => number>;
    this.heap = new Allocator(CONTROL_END, (end) => growTo(linear, end));
    this.workspace = new Workspace(
      (bytes) => this.allocate(bytes, 'workspace'),
      (pointer) => this.heap.release(pointer),
    );
    this.wide = mayBeWide && wideTilesPay(this);
    if (linear.shared && threads > 1) this.pool = new ThreadPool(linear.memory, this.exports, module, threads, patience);
  }

  static async create({ threads = processors(), patience = PATIENCE_MS }: RuntimeOptions = {}): Promise<CnnRuntime> {
    const linear = createMemory(threads > 1 && canShareMemory());
    const { module, simd, wide } = await compileKernels(linear.shared);
    return new CnnRuntime(linear, module, simd, wide, threads, patience);
  }

  get threads(): number {
    return this.singleThreaded ? 1 : (this.pool?.threads ?? 1);
  }

  get complaints(): readonly string[] {
    return this.pool?.complaints ?? [];
  }

  parallel(name: string, count: number, grain: number, ...args: number[]): void {
    if (count <= 0) return;
    if (!this.pool || count <= grain || this.threads === 1) {
      // The same pieces as with threads, so that kernels whose sums follow the cut give the same bits.
      const kernel = this.exports[name]!;
      for (let begin = 0; begin < count; begin += grain) kernel(begin, Math.min(begin + grain, count), ...args);
    } else {
      this.pool.run(name, count, grain, args);
    }
  }

  /** Says that there will be work for all threads in a moment. */
  wakeThreads(): void {
    if (this.threads > 1) this.pool!.wake();
  }

  call(name: string, ...args: number[]): number {
    return this.exports[name]!(...args);
  }

  scratch(bytes: number): number {
    return this.workspace.take(bytes);
  }

  struct(...fields: number[]): number {
    const pointer = this.workspace.take(fields.length * 4);
    this.int32(pointer, fields.length).set(fields);
    return pointer;
  }

  clear(pointer: number, bytes: number): void {
    this.bytes(pointer, bytes).fill(0);
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.linear.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.linear.memory.buffer, pointer, length);
  }

  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.linear.memory.buffer, pointer, length);
  }

  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.linear.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Whether an array is a view of linear memory. */
  holds(array: ArrayBufferView): boolean {
    return array.buffer === this.linear.memory.buffer;
  }

  /** Memory for a tensor. `what` says for which, should there be none. */
  allocate(bytes: number, what: string): number {
    const pointer = this.heap.allocate(bytes);
    if (pointer === undefined) {
      const { used, largestFree } = this.heap.state();
      const mb = (n: number) => `${(n / 2 ** 20).toFixed(1)} MB`;
      throw new OutOfMemoryError(
        `wasm-cnn is out of memory: ${what} needs ${mb(bytes)}; ${mb(used)} of at most ${mb(this.linear.maximumBytes)} are in use, ` +
          `the largest free piece is ${mb(largestFree)}. Use a smaller batch, or dispose tensors (tf.tidy).`,
      );
    }
    return pointer;
  }

  release(pointer: number): void {
    this.heap.release(pointer);
  }

  /** Ends the workspace of the kernel that just ran. */
  endKernel(): void {
    this.workspace.clear();
  }

  /** Gives the workspace back that kernels keep from one to the next; the next one takes what it needs. */
  dropWorkspace(): void {
    this.workspace.drop();
  }

  heapState(): HeapState & { workspace: number } {
    return { ...this.heap.state(), workspace: this.workspace.bytes };
  }

  resetHeapPeak(): void {
    this.heap.resetPeak();
  }

  dispose(): void {
    this.pool?.dispose();
  }
}
