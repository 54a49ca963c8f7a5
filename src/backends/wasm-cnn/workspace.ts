/**
 * Scratch memory of the kernel that runs now: handed out from one block by moving a pointer, taken back
 * all at once. A kernel that needs more gets further blocks; the next one gets a block as large as all it took.
 */
const ALIGNMENT = 64;
const SMALLEST = 1 << 20;

export class Workspace {
  private blocks: { start: number; size: number }[] = [];
  private position = 0;
  /** Bytes that the kernel took, in whatever blocks. */
  private taken = 0;

  constructor(
    private readonly allocate: (bytes: number) => number,
    private readonly release: (pointer: number) => void,
  ) {}

  /** 64-byte aligned, not cleared, valid until `clear`. */
  take(bytes: number): number {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    let block = this.blocks.at(-1);
    if (!block || this.position + size > block.size) {
      block = { size: Math.max(SMALLEST, size), start: 0 };
      block.start = this.allocate(block.size);
      this.blocks.push(block);
      this.position = 0;
    }
    const pointer = block.start + this.position;
    this.position += size;
    this.taken += size;
    return pointer;
  }

  /** What it holds, in use or not. */
  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.size, 0);
  }

  /** Gives everything back; not while a kernel runs. */
  drop(): void {
    for (const { start } of this.blocks) this.release(start);
    this.blocks = [];
  }

  clear(): void {
    const { taken } = this;
    this.position = 0;
    this.taken = 0;
    if (this.blocks.length <= 1) return;
    for (const { start } of this.blocks) this.release(start);
    this.blocks = [];
    this.blocks.push({ start: this.allocate(taken), size: taken });
  }
}
