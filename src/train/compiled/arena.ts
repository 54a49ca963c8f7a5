import type { CnnRuntime } from '../../backends/wasm-cnn/runtime.js';

/** Memory that several plans use in turn: it is as large as the largest needs, and holds nothing from one step to the next. */
export class Arena {
  private bytes = 0;
  private at = 0;

  constructor(private readonly runtime: CnnRuntime) {}

  /**
   * Its address, with at least that many bytes behind it.
   * @throws OutOfMemoryError
   */
  reserve(bytes: number): number {
    if (this.at !== 0 && this.bytes >= bytes) return this.at;
    this.release();
    // What eager kernels have left: the plans' own is part of the arena.
    this.runtime.dropWorkspace();
    this.at = this.runtime.allocate(bytes, 'a compiled training step');
    this.bytes = bytes;
    return this.at;
  }

  release(): void {
    if (this.at !== 0) this.runtime.release(this.at);
    this.at = 0;
    this.bytes = 0;
  }
}
