/** Winograd's convolution of few tiles and many channels, see winograd-columns.asm.ts. */
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { type Pictures, roundUp, rowBytes, SLOT_HEAD, STAGGER, type Tiling, writeJob } from './winograd-plan.js';

/** Tiles beyond which the filters are used often enough to be transformed once for all. */
const MOST_TILES = 160;
/** Bytes of transformed filters below which they stay in the caches anyway. */
const LEAST_BYTES = 4 << 20;
/** Filters that are transformed at a time: 36 times their bytes fit a second-level cache. */
const FILTERS = 4096;

/** Output channels of a piece: fewer where more tiles' sums must stay in that cache, too. */
const columnsOf = ({ count }: Tiling): number => (count > 64 ? 16 : 32);

export function columnsSuit(from: Pictures, to: Pictures, tiles: Tiling): boolean {
  return tiles.count <= MOST_TILES && to.channels % 8 === 0 && 36 * 4 * from.channels * to.channels >= LEAST_BYTES;
}

/** Forward pass, and input gradient with `turned`. */
export function convolveColumns(
  from: Pictures,
  to: Pictures,
  tiles: Tiling,
  { bias, activation, filter, turned }: { bias: number; activation: number; filter: number; turned: boolean },
  wasm: WasmRuntime,
): void {
  const columns = columnsOf(tiles);
  const fromPitch = tiles.count * rowBytes(from.channels) + STAGGER;
  const toPitch = tiles.count * 4 * columns + STAGGER;
  const transformedPitch = 4 * FILTERS + STAGGER;
  const rowTable = 12 * (tiles.count + 8) + rowBytes(to.channels);
  const slotBytes = roundUp(SLOT_HEAD + rowTable + 64 + 36 * (transformedPitch + toPitch), 64);
  const sharedFrom = wasm.scratch(36 * fromPitch);
  const job = writeJob(
    from,
    to,
    tiles,
    { bias, activation, filter, transformed: 0, transformedPitch, block: 0, slotBytes, fromPitch, toPitch, sharedFrom },
    wasm,
  );
  wasm.parallel('winogradInput', tiles.count, 4, job);
  wasm.parallel('winogradColumns', Math.ceil(to.channels / columns), 1, job, columns, FILTERS / columns, Number(turned));
}
