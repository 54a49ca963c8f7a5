import { hasFiles, openFileRows } from './file-rows.js';
import { hasIndexedDb, openIndexedDbRows } from './indexed-db-rows.js';
import type { RowStore } from './row-store.js';

/** Rows that are kept together in memory. */
const BLOCK = 64;

/** Rows of features by their keys: in memory as far as the budget goes, the others on the disk or in the browser's database. */
export class FeatureCache {
  private readonly slots = new Map<string, number>();
  private readonly blocks: Float32Array[] = [];
  private readonly most: number;
  private outside: Promise<RowStore> | undefined;
  /** Slots are given out in order; those that a disk did not take are no row's. */
  private used = 0;
  private full = false;

  /**
   * @param length numbers of a row
   * @param bytes  that may be taken of the memory
   */
  constructor(
    private readonly length: number,
    bytes: number,
  ) {
    this.most = Math.floor(bytes / (4 * length));
  }

  has(key: string): boolean {
    return this.slots.has(key);
  }

  /** Bytes in memory, and outside of it. */
  get bytes(): { memory: number; disk: number } {
    const each = 4 * this.length;
    const inMemory = Math.min(this.used, this.most);
    return { memory: inMemory * each, disk: (this.used - inMemory) * each };
  }

  /** Keeps rows, one for each key, if there is room left. */
  async put(keys: readonly string[], rows: Float32Array): Promise<void> {
    const { length, most } = this;
    const inMemory = Math.max(0, Math.min(keys.length, most - this.used));
    keys.slice(0, inMemory).forEach((key, i) => {
      this.rowAt(this.used).set(rows.subarray(i * length, (i + 1) * length));
      this.slots.set(key, this.used++);
    });
    const rest = keys.slice(inMemory);
    if (rest.length === 0 || this.full) return;
    try {
      await (await this.open()).write(this.used - most, rows.subarray(inMemory * length, keys.length * length));
    } catch {
      // A full disk is no reason to end a training: what was not kept is computed again.
      this.full = true;
      return;
    }
    for (const key of rest) this.slots.set(key, this.used++);
  }

  /** Rows that are there, in the order of the keys. */
  async read(keys: readonly string[], into: Float32Array): Promise<void> {
    const { length, most, slots } = this;
    const outside: { slot: number; place: number }[] = [];
    keys.forEach((key, place) => {
      const slot = slots.get(key)!;
      if (slot >= most) outside.push({ slot, place });
      else into.set(this.rowAt(slot), place * length);
    });
    if (outside.length === 0) return;
    const found = outside.length === keys.length ? into : new Float32Array(outside.length * length);
    const store = await this.open();
    await store.read(
      outside.map(({ slot }) => slot - most),
      found,
    );
    if (found === into) return;
    outside.forEach(({ place }, i) => into.set(found.subarray(i * length, (i + 1) * length), place * length));
  }

  /** Forgets all rows, and gives their room back. */
  async close(): Promise<void> {
    const { outside } = this;
    this.outside = undefined;
    this.slots.clear();
    this.blocks.length = 0;
    this.used = 0;
    this.full = false;
    await (await outside?.catch(() => undefined))?.close();
  }

  private rowAt(slot: number): Float32Array {
    const { length, most } = this;
    const block = Math.floor(slot / BLOCK);
    this.blocks[block] ??= new Float32Array(Math.min(BLOCK, most - block * BLOCK) * length);
    const at = (slot % BLOCK) * length;
    return this.blocks[block].subarray(at, at + length);
  }

  private open(): Promise<RowStore> {
    this.outside ??= hasFiles()
      ? openFileRows(this.length)
      : hasIndexedDb()
        ? openIndexedDbRows(this.length)
        : Promise.reject(new Error('there is no disk'));
    return this.outside;
  }
}
