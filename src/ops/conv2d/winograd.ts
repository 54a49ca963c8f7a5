/**
 * 3x3 convolution with stride 1 in a quarter of the multiplications: Winograd's F(4x4, 3x3), for the
 * forward pass and both gradients. A 4x4 tile of outputs needs 36 products a pair of channels, not 144.
 *
 *   y       = AT [ sum over ci    of (G filter GT) * (BT x B) ] A     (+ bias, activation)
 *   dx      = the same of dy, with the filter turned by 180 degrees, its channels swapped, and pads 2 - pads
 *   dfilter = GT [ sum over tiles of (A dy AT) * (BT x B) ] G
 *
 * Source: Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv 1509.09308; the
 * interpolation points are better conditioned ones (asm/winograd-tile.ts, winograd-error.ts).
 *
 * An output is NaN wherever the direct sum is, and may be NaN up to three pixels further: in every tile
 * that sees a NaN or an infinity.
 */
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { WasmKernel } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import type { Conv2DGeometry } from './geometry.js';
import { columnsSuit, convolveColumns, dfilterOfFewTiles, dfilterSuits } from './winograd-few-tiles.js';
import { type Pictures, panelWidth, roundUp, rowBytes, SLOT_HEAD, STAGGER, tiling, writeJob } from './winograd-plan.js';

export { winogradAllowed, winogradSuits } from './winograd-rule.js';

/**
 * Tiles of a block, which is also a piece of work: with few channels so many that a piece is worth its
 * start, else as many as keep the transformed tiles in the cache; with many channels it is the filters
 * that must be read seldom. Not so many that few pieces are left for the threads.
 */
function blockOf(tiles: number, channels: number): number {
  const most = channels <= 64 ? 60 : channels < 384 ? 30 : 90;
  return Math.min(most, Math.max(12, roundUp(tiles / 8, 6)));
}

/** Forward pass, and input gradient with `turned`. */
function convolve(
  from: Pictures,
  to: Pictures,
  batch: number,
  filter: number,
  turned: boolean,
  bias: number,
  activation: number,
  wasm: WasmRuntime,
): void {
  const tiles = tiling(batch, to.height, to.width);
  if (columnsSuit(from, to, tiles)) {
    convolveColumns(from, to, tiles, { bias, activation, filter, turned }, wasm);
    return;
  }
  const block = blockOf(tiles.count, from.channels + to.channels);
  const fromPitch = block * rowBytes(from.channels) + STAGGER;
  const toPitch = block * rowBytes(to.channels) + STAGGER;
  const panels = Math.ceil(to.channels / panelWidth(to.channels, wasm));
  const transformedPitch = from.channels * rowBytes(to.channels) + STAGGER;
  const rowTable = 12 * (block + 8) + rowBytes(to.channels);
  const slotBytes = roundUp(SLOT_HEAD + rowTable + 36 * (fromPitch + toPitch), 64);
  const transformed = wasm.scratch(36 * transformedPitch);
  const job = writeJob(
    from,
    to,
    tiles,
    { bias, activation, filter, transformed, transformedPitch, block, slotBytes, fromPitch, toPitch },
    wasm,
  );
  wasm.parallel('winogradFilter', panels, Math.ceil(512 / from.channels), job, Number(turned));
  wasm.parallel('winogradTiles', tiles.count, block, job);
}

/** y [batch, outHeight, outWidth, co] = act(x * filter + bias). */
export const winogradForward: WasmKernel<Conv2DGeometry> = ({ x, filter, bias }, { y }, g, wasm) => {
  const from = { data: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: g.padTop, padLeft: g.padLeft };
  const to = {
    data: y!,
    height: g.outHeight,
    width: g.outWidth,
    channels: g.outChannels,
    pitch: g.outPitch,
    padTop: 0,
    padLeft: 0,
  };
  convolve(from, to, g.batch, filter!, false, bias ?? 0, activationCode[g.activation], wasm);
};

/** dx [batch, inHeight, inWidth, ci] from dy and filter. */
export const winogradDx: WasmKernel<Conv2DGeometry> = ({ dy, filter }, { dx }, g, wasm) => {
  const from = {
    data: dy!,
    height: g.outHeight,
    width: g.outWidth,
    channels: g.outChannels,
    padTop: 2 - g.padTop,
    padLeft: 2 - g.padLeft,
  };
  const to = { data: dx!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: 0, padLeft: 0 };
  convolve(from, to, g.batch, filter!, true, 0, 0, wasm);
};

/** Sums of up to this many bytes are kept once a piece of the tiles, at most so many times; greater ones once. */
const SUMS_OF_A_PIECE = 1 << 18;
const PIECES = 16;
/** Tiles that are transformed at a time: by one thread for itself, or the bytes of those that all share, and their least number. */
const BLOCK = 48;
const SHARED_BYTES = 2 << 20;
/** Rows of sums that a thread takes at a time. */
const ROWS_OF_A_UNIT = 48;

/** dfilter [3, 3, ci, co] from x and dy. */
export const winogradDfilter: WasmKernel<Conv2DGeometry> = ({ x, dy }, { dfilter }, g, wasm) => {
  const from = { data: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: g.padTop, padLeft: g.padLeft };
  const to = { data: dy!, height: g.outHeight, width: g.outWidth, channels: g.outChannels, padTop: 0, padLeft: 0 };
  const tiles = tiling(g.batch, g.outHeight, g.outWidth);
  if (dfilterSuits(from, to, tiles)) {
    dfilterOfFewTiles(from, to, tiles, dfilter!, wasm);
    return;
  }
  const [fromRow, toRow] = [rowBytes(g.inChannels), rowBytes(g.outChannels)];
  // Tiles of rows may run up to three rows past the last channel.
  const transformedPitch = (g.inChannels + 3) * toRow + STAGGER;
  const sums = 36 * transformedPitch;
  const shared = sums > SUMS_OF_A_PIECE;
  const block = Math.min(tiles.count, shared ? Math.max(BLOCK, Math.floor(SHARED_BYTES / (36 * (fromRow + toRow)))) : BLOCK);
  const pieces = shared ? 1 : Math.min(PIECES, Math.ceil(tiles.count / BLOCK));
  const [fromPitch, toPitch] = [block * fromRow + STAGGER, block * toRow + STAGGER];
  const matrices = 36 * (fromPitch + toPitch);
  const transformed = wasm.scratch(pieces * sums);
  const sharedFrom = shared ? wasm.scratch(matrices) : 0;
  const job = writeJob(
    from,
    to,
    tiles,
    {
      filter: dfilter!,
      transformed,
      transformedPitch,
      block,
      slotBytes: roundUp(SLOT_HEAD + (shared ? 0 : matrices), 64),
      fromPitch,
      toPitch,
      pieces,
      pieceBytes: sums,
      sharedFrom,
      sharedTo: sharedFrom + 36 * fromPitch,
    },
    wasm,
  );
  if (!shared) wasm.parallel('winogradPieceSums', pieces, 1, job);
  for (let first = 0; shared && first < tiles.count; first += block) {
    const count = Math.min(block, tiles.count - first);
    wasm.parallel('winogradSharedTiles', count, 8, job, first);
    wasm.parallel(
      'winogradSharedSums',
      36 * Math.ceil(g.inChannels / ROWS_OF_A_UNIT),
      1,
      job,
      count,
      ROWS_OF_A_UNIT,
      first > 0 ? 1 : 0,
    );
  }
  wasm.parallel('winogradFilterBack', g.inChannels, Math.ceil(512 / g.outChannels), job);
};
