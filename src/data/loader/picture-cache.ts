import type { Picture } from '../resize.js';

/** Memory of a PictureCache, which all threads share. */
export interface CacheMemory {
  readonly bytes: Uint8Array;
  /** [units used, then for each place: 1 where it is cached, first unit, height, width] */
  readonly table: Int32Array;
}

/** Bytes of a unit: 32 bits count units, so that a cache may be larger than 2 GB. */
const UNIT = 16;
const FIELDS = 4;
const CACHED = 1;

/**
 * Decoded pictures, up to a number of bytes; those that come first stay. An epoch shows every picture once, so keeping the newest
 * would throw out each one just before it is needed again.
 */
export class PictureCache {
  constructor(
    private readonly memory: CacheMemory,
    private readonly channels: number,
  ) {}

  static memory(count: number, bytes: number): CacheMemory {
    return {
      bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
      table: new Int32Array(new SharedArrayBuffer(4 * (1 + FIELDS * count))),
    };
  }

  /** Shares the cache's memory, which nobody writes to any more; undefined where the picture is not in it. */
  get(place: number): Picture | undefined {
    const { table, bytes } = this.memory;
    const row = 1 + FIELDS * place;
    if (Atomics.load(table, row) !== CACHED) return undefined;
    const [first, height, width] = table.subarray(row + 1, row + FIELDS) as unknown as [number, number, number];
    const begin = first * UNIT;
    const pixels = bytes.subarray(begin, begin + height * width * this.channels);
    return { pixels, height, width, channels: this.channels };
  }

  /** Keeps a picture, where there is room. */
  put(place: number, { pixels, height, width }: Picture): void {
    const { table, bytes } = this.memory;
    const units = Math.ceil(pixels.length / UNIT);
    const room = Math.floor(bytes.length / UNIT);
    if (Atomics.load(table, 0) + units > room) return;
    const first = Atomics.add(table, 0, units);
    // Another thread may have been faster; what is left then goes unused, as it does at the very end anyway.
    if (first + units > room) return;
    bytes.set(pixels, first * UNIT);
    const row = 1 + FIELDS * place;
    table.set([first, height, width], row + 1);
    Atomics.store(table, row, CACHED);
  }
}
