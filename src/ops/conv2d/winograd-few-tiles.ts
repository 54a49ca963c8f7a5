/** Winograd's convolution of few tiles and many channels, see winograd-few-tiles.asm.ts, and its filter gradient. */
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { type Pictures, roundUp, rowBytes, SLOT_HEAD, STAGGER, type Tiling, writeJob } from './winograd-plan.js';

/** Tiles beyond which the filters are used often enough to be transformed once for all. */
const MOST_TILES = 160;
/** Tiles beyond which the sums of the filter gradient are less than what is summed up. */
const MOST_TILES_OF_DFILTER = 64;
/** Bytes of transformed filters below which they stay in the caches anyway. */
const LEAST_BYTES = 4 << 20;
/** Filters that are transformed at a time: 36 times their bytes fit a second-level cache. */
const FILTERS = 4096;

/** Output channels of a piece: fewer where more tiles' sums must stay in that cache, too. */
const columnsOf = ({ count }: Tiling): number => (count > 64 ? 16 : 32);

function manyChannels(from: Pictures, to: Pictures): boolean {
  return to.channels % 8 === 0 && 36 * 4 * from.channels * to.channels >= LEAST_BYTES;
}

export const columnsSuit = (from: Pictures, to: Pictures, { count }: Tiling): boolean =>
  count <= MOST_TILES && manyChannels(from, to);
export const dfilterSuits = (from: Pictures, to: Pictures, { count }: Tiling): boolean =>
  count <= MOST_TILES_OF_DFILTER && manyChannels(from, to);

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

/** Input and output channels of a piece of the filter gradient: 36 times as many sums fit a second-level cache. */
const ROWS = 48;
const GROUP = 64;

/** Filter gradient: each piece sums up a part of it for all tiles, and transforms that back at once. */
export function dfilterOfFewTiles(from: Pictures, to: Pictures, tiles: Tiling, filter: number, wasm: WasmRuntime): void {
  const fromPitch = tiles.count * rowBytes(from.channels) + STAGGER;
  const toPitch = tiles.count * rowBytes(to.channels) + STAGGER;
  // Tiles of rows may run up to three rows past the last channel.
  const transformedPitch = (ROWS + 3) * 4 * GROUP + STAGGER;
  const slotBytes = roundUp(SLOT_HEAD + 64 + 36 * transformedPitch, 64);
  const sharedFrom = wasm.scratch(36 * (fromPitch + toPitch));
  const sharedTo = sharedFrom + 36 * fromPitch;
  const block = tiles.count;
  const job = writeJob(
    from,
    to,
    tiles,
    { filter, transformed: 0, transformedPitch, block, slotBytes, fromPitch, toPitch, sharedFrom, sharedTo },
    wasm,
  );
  wasm.parallel('winogradSharedTiles', tiles.count, 4, job, 0);
  const pieces = Math.ceil(from.channels / ROWS) * Math.ceil(to.channels / GROUP);
  wasm.parallel('winogradFilterParts', pieces, 1, job, ROWS, GROUP);
}
