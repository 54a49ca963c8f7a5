/**
 * Allocation inside one linear memory: segregated free lists in two levels (power of two, then four
 * steps), good fit, neighbours joined on release, so that the heap does not crumble over long runs.
 * Source: M. Masmano et al., TLSF: a new dynamic memory allocator for real-time systems, ECRTS 2004.
 * The bookkeeping is JavaScript objects: memory holds nothing but data.
 */

const ALIGNMENT = 64;
const STEPS = 4;

interface Block {
  start: number;
  size: number;
  free: boolean;
  before: Block | undefined;
  after: Block | undefined;
}

/** What the heap looks like. All in bytes. */
export interface HeapState {
  /** Handed out now, rounded up to 64-byte blocks. */
  used: number;
  /** The most that was handed out at one time since the start, or since `resetPeak`. */
  peak: number;
  /** Up to the end of the last block ever handed out. */
  reserved: number;
  /** Largest block that is free without growing. */
  largestFree: number;
}

/** Bytes of the block that holds `bytes` bytes. */
export function blockSize(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}

export class Allocator {
  private readonly bins: Set<Block>[] = [];
  private readonly blocks = new Map<number, Block>();
  private last: Block | undefined;
  private end: number;
  private used = 0;
  private peak = 0;

  /** @param start first byte that may be handed out; @param grow makes the memory end at or after a byte. */
  constructor(
    start: number,
    private readonly grow: (end: number) => boolean,
  ) {
    this.end = Math.ceil(start / ALIGNMENT) * ALIGNMENT;
  }

  /** Address of `bytes` bytes, 64-byte aligned, or undefined at the limit. Of 0 bytes too it is an address of its own. */
  allocate(bytes: number): number | undefined {
    const size = blockSize(bytes);
    const block = this.take(size) ?? this.extend(size);
    if (!block) return undefined;
    block.free = false;
    this.split(block, size);
    this.blocks.set(block.start, block);
    this.used += block.size;
    if (this.used > this.peak) this.peak = this.used;
    return block.start;
  }

  /** Gives back what `allocate` handed out. */
  release(start: number): void {
    let block = this.blocks.get(start);
    if (!block) throw new Error(`wasm-cnn: release of ${start}, which is not an allocated block`);
    this.blocks.delete(start);
    this.used -= block.size;
    if (block.after?.free) {
      this.bins[bin(block.after.size)]!.delete(block.after);
      this.join(block, block.after);
    }
    if (block.before?.free) {
      this.bins[bin(block.before.size)]!.delete(block.before);
      const { before } = block;
      this.join(before, block);
      block = before;
    }
    this.putAside(block);
  }

  state(): HeapState {
    let largestFree = 0;
    for (const blocks of this.bins) for (const block of blocks ?? []) largestFree = Math.max(largestFree, block.size);
    return { used: this.used, peak: this.peak, reserved: this.end, largestFree };
  }

  /** Lets the peak begin again at what is handed out now. */
  resetPeak(): void {
    this.peak = this.used;
  }

  /** A free block of at least `size`: the first of the first bin whose blocks all fit, else the best of its own bin. */
  private take(size: number): Block | undefined {
    const own = bin(size);
    let best: Block | undefined;
    for (const block of this.bins[own] ?? []) {
      if (block.size >= size && (!best || block.size < best.size)) best = block;
      if (best?.size === size) break;
    }
    for (let i = own + 1; !best && i < this.bins.length; i++) {
      for (const block of this.bins[i] ?? []) {
        best = block;
        break;
      }
    }
    if (best) this.bins[bin(best.size)]!.delete(best);
    return best;
  }

  /** Takes new memory behind the last block, joined with that block where it is free. */
  private extend(size: number): Block | undefined {
    const tail = this.last?.free ? this.last : undefined;
    const start = tail ? tail.start : this.end;
    if (!this.grow(start + size)) return undefined;
    this.end = start + size;
    if (tail) {
      this.bins[bin(tail.size)]!.delete(tail);
      tail.size = size;
      return tail;
    }
    const block: Block = { start, size, free: true, before: this.last, after: undefined };
    if (this.last) this.last.after = block;
    this.last = block;
    return block;
  }

  private split(block: Block, size: number): void {
    if (block.size - size < ALIGNMENT) return;
    const rest: Block = { start: block.start + size, size: block.size - size, free: true, before: block, after: block.after };
    if (block.after) block.after.before = rest;
    else this.last = rest;
    block.after = rest;
    block.size = size;
    this.putAside(rest);
  }

  private join(first: Block, second: Block): void {
    first.size += second.size;
    first.after = second.after;
    if (second.after) second.after.before = first;
    else this.last = first;
  }

  private putAside(block: Block): void {
    block.free = true;
    const index = bin(block.size);
    this.bins[index] ??= new Set();
    this.bins[index].add(block);
  }
}

/** Bin of a size: four to each power of two. */
function bin(size: number): number {
  const units = size / ALIGNMENT;
  const power = 31 - Math.clz32(units);
  return power * STEPS + Math.floor((units / 2 ** power - 1) * STEPS);
}
