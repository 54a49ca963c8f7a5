/** Which register tile is the faster one here: a short timing when the backend starts. */

/** What the timing needs of the runtime. */
interface Bench {
  call(name: string, ...args: number[]): number;
  allocate(bytes: number, what: string): number;
  release(pointer: number): void;
  float32(pointer: number, length: number): Float32Array;
  int32(pointer: number, length: number): Int32Array;
}

/** Rows of a tile, and bytes from one row's pointer to the next in the table the tile is given. */
const ROWS = 6;
const ENTRY_WORDS = 3;
/** Steps of the sum: both operands stay in the first-level cache. */
const STEPS = 128;
/** The engine's optimizing compiler has taken over after this. */
const WARM_UP_MS = 8;
const CALLS = 300;
const ROUNDS = 5;

/**
 * Whether tiles of 16 columns do their work in less time than two of 8. They do where the engine makes
 * 256-bit instructions of pairs of 128-bit ones; elsewhere their sums do not fit the registers. The sums
 * are the same bits either way.
 */
export function wideTilesPay(bench: Bench): boolean {
  const floats = STEPS * (ROWS + 16) + ROWS * 16 + 16;
  const left = bench.allocate(floats * 4 + ROWS * ENTRY_WORDS * 4, 'the timing of tiles');
  const right = left + STEPS * ROWS * 4;
  const result = right + STEPS * 16 * 4;
  const start = result + ROWS * 16 * 4;
  const table = start + 16 * 4;
  bench.float32(left, floats).fill(0);
  const pointers = bench.int32(table, ROWS * ENTRY_WORDS);
  for (let row = 0; row < ROWS; row++) pointers[row * ENTRY_WORDS] = result + row * 64;
  const run = (name: string, columns: number) => {
    const begin = performance.now();
    for (let i = 0; i < CALLS; i++) bench.call(name, left, right, right + STEPS * columns * 4, table, 0, start);
    return performance.now() - begin;
  };
  const until = performance.now() + WARM_UP_MS;
  while (performance.now() < until) {
    run('registerTile', 8);
    run('registerTile16', 16);
  }
  let narrow = Number.POSITIVE_INFINITY;
  let wide = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    narrow = Math.min(narrow, run('registerTile', 8));
    wide = Math.min(wide, run('registerTile16', 16));
  }
  bench.release(left);
  return wide < 2 * narrow;
}
