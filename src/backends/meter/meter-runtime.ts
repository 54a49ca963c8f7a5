import { Allocator, blockSize } from '../wasm-cnn/allocator.js';
import { CONTROL_END } from '../wasm-cnn/control-block.js';
import { Workspace } from '../wasm-cnn/workspace.js';
import type { WasmRuntime } from '../wasm-runtime.js';

/** What memory is held for. */
export type Purpose = 'weights' | 'optimizer' | 'input' | 'activations' | 'gradients' | 'workspace';

/** Bytes by what they are held for. */
export type MemoryUse = Record<Purpose, number>;

/** A block and what it is held for. */
interface Holding {
  purpose: Purpose;
  readonly bytes: number;
}

/**
 * wasm-cnn's runtime without a memory: its allocator and its workspace hand out addresses at which nothing is,
 * and no kernel runs. The drivers of the kernels do all they do before a launch, so that every byte they ask
 * for is counted.
 */
export class MeterRuntime implements WasmRuntime {
  private readonly heap = new Allocator(CONTROL_END, () => true);
  private readonly workspace = new Workspace(
    (bytes) => this.hold(bytes, 'workspace'),
    (pointer) => this.release(pointer),
  );
  private readonly holdings = new Map<number, Holding>();
  private readonly use: MemoryUse = { weights: 0, optimizer: 0, input: 0, activations: 0, gradients: 0, workspace: 0 };
  private used = 0;
  private peakBytes = 0;
  private peakUse: MemoryUse = { ...this.use };
  /** What memory that is handed out from now on is held for. */
  purpose: Purpose = 'weights';

  /** @param threads, wide as the runtime has them that is to be foretold: the workspace depends on them */
  constructor(
    readonly threads: number,
    readonly wide: boolean,
  ) {}

  parallel(): void {}

  /** What a kernel says of its build: rows of the taller tile, whose workspace is the larger one. */
  call(): number {
    return 6;
  }

  scratch(bytes: number): number {
    return this.workspace.take(bytes);
  }

  struct(...fields: number[]): number {
    return this.workspace.take(fields.length * 4);
  }

  clear(): void {}

  float32(_pointer: number, length: number): Float32Array {
    return new Float32Array(length);
  }

  int32(_pointer: number, length: number): Int32Array {
    return new Int32Array(length);
  }

  endKernel(): void {
    this.workspace.clear();
  }

  /** An address for `bytes` bytes. */
  allocate(bytes: number): number {
    return this.hold(bytes, this.purpose);
  }

  release(pointer: number): void {
    const holding = this.holdings.get(pointer)!;
    this.heap.release(pointer);
    this.holdings.delete(pointer);
    this.use[holding.purpose] -= holding.bytes;
    this.used -= holding.bytes;
  }

  /** What a block is held for from now on. */
  assign(pointer: number, purpose: Purpose): void {
    const holding = this.holdings.get(pointer)!;
    this.use[holding.purpose] -= holding.bytes;
    holding.purpose = purpose;
    this.use[purpose] += holding.bytes;
  }

  /** The addresses of all blocks that tensors hold. */
  tensors(): number[] {
    return [...this.holdings].filter(([, { purpose }]) => purpose !== 'workspace').map(([pointer]) => pointer);
  }

  /** The most that was held at one time, since the start or `resetPeak`, and what for. */
  get peak(): { readonly bytes: number; readonly use: Readonly<MemoryUse> } {
    return { bytes: this.peakBytes, use: this.peakUse };
  }

  /** Memory taken so far, with the holes between blocks. */
  get reserved(): number {
    return this.heap.state().reserved;
  }

  resetPeak(): void {
    this.peakBytes = this.used;
    this.peakUse = { ...this.use };
  }

  private hold(bytes: number, purpose: Purpose): number {
    const pointer = this.heap.allocate(bytes)!;
    const held = blockSize(bytes);
    this.holdings.set(pointer, { purpose, bytes: held });
    this.use[purpose] += held;
    this.used += held;
    if (this.used > this.peakBytes) this.resetPeak();
    return pointer;
  }
}
