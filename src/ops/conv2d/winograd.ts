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
 * Where an input holds NaN or infinity, all outputs of the tiles that see it may become NaN: up to five
 * pixels from where the direct sum has one, never fewer than there.
 */
import { env } from '@tensorflow/tfjs-core';
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { WasmKernel } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import type { Conv2DGeometry } from './geometry.js';

/** Output pixels along a side of a tile. */
const TILE = 4;
/** Channels of a panel; rows of transformed tiles are whole panels. */
const PANEL = 8;
/** What lies before the matrices in a slot: pixels, temporaries (asm/winograd-gather.ts), rounded up. */
const SLOT_HEAD = 2048;
/** Between the 36 matrices, so that they do not begin in the same set of the cache. */
const STAGGER = 64;

const FLAG = 'CNN_WINOGRAD';
env().registerFlag(FLAG, () => true);

/**
 * Whether Winograd may be used: tf.env().set('CNN_WINOGRAD', false) says no, for callers who want the
 * smaller rounding error of direct sums (winograd-error.ts tells how much smaller).
 */
export function winogradAllowed(): boolean {
  return env().getBool(FLAG);
}

/** Whether Winograd is the fastest way to compute this convolution and its gradients. */
export function winogradSuits(g: Conv2DGeometry): boolean {
  const pads = [g.padTop, g.padBottom, g.padLeft, g.padRight];
  return (
    g.filterHeight === 3 && g.filterWidth === 3 && g.strideHeight === 1 && g.strideWidth === 1 &&
    g.dilationHeight === 1 && g.dilationWidth === 1 && g.groups === 1 &&
    pads.every((pad) => pad >= 0 && pad <= 2) &&
    g.inChannels >= 16 && g.outChannels >= 16
  );
}

/** Pictures as the kernels see them: asm/winograd-job.ts. */
interface Pictures {
  data: number;
  height: number;
  width: number;
  channels: number;
  padTop: number;
  padLeft: number;
}

interface Tiling {
  down: number;
  across: number;
  count: number;
}

function tiling(batch: number, height: number, width: number): Tiling {
  const down = Math.ceil(height / TILE);
  const across = Math.ceil(width / TILE);
  return { down, across, count: batch * down * across };
}

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
/** Bytes of one row of a transformed tile. */
const rowBytes = (channels: number): number => 4 * roundUp(channels, PANEL);

/** Everything the kernels are told, but the pointers to pictures. */
interface Plan {
  bias?: number;
  activation?: number;
  filter: number;
  transformed: number;
  transformedPitch: number;
  block: number;
  slotBytes: number;
  fromPitch: number;
  toPitch: number;
  pieces?: number;
  pieceBytes?: number;
  sharedFrom?: number;
  sharedTo?: number;
}

/** Writes asm/winograd-job.ts's structs. */
function writeJob(from: Pictures, to: Pictures, tiles: Tiling, plan: Plan, wasm: WasmRuntime): number {
  const pictures = (p: Pictures): number =>
    wasm.struct(p.data, p.height, p.width, p.channels, p.padTop, p.padLeft, tiles.down, tiles.across);
  const channels = Math.max(from.channels, to.channels);
  const zeros = wasm.scratch(channels * 4);
  wasm.float32(zeros, channels).fill(0);
  const flags = wasm.scratch(wasm.threads * 4);
  wasm.int32(flags, wasm.threads).fill(0);
  const slots = wasm.scratch(wasm.threads * plan.slotBytes);
  return wasm.struct(
    pictures(from), pictures(to), zeros, plan.bias || zeros, plan.activation ?? 0, plan.filter, plan.transformed, plan.transformedPitch,
    plan.block, flags, slots, wasm.threads, plan.slotBytes, plan.fromPitch, plan.toPitch,
    tiles.count, plan.pieces ?? 1, plan.pieceBytes ?? 0, plan.sharedFrom ?? 0, plan.sharedTo ?? 0,
  );
}

/** Tiles of a block: enough to use the filters that are read, few enough to stay in the cache. */
function blockOf(_tiles: number, _channels: number): number {
  return 24;
}

/** Forward pass, and input gradient with `turned`. */
function convolve(from: Pictures, to: Pictures, batch: number, filter: number, turned: boolean, bias: number, activation: number,
  wasm: WasmRuntime): void {
  const tiles = tiling(batch, to.height, to.width);
  const block = blockOf(tiles.count, from.channels + to.channels);
  const fromPitch = block * rowBytes(from.channels) + STAGGER;
  const toPitch = block * rowBytes(to.channels) + STAGGER;
  const panels = Math.ceil(to.channels / PANEL);
  const transformedPitch = from.channels * rowBytes(to.channels) + STAGGER;
  const rowTable = 12 * (block + PANEL) + rowBytes(to.channels);
  const slotBytes = roundUp(SLOT_HEAD + rowTable + 36 * (fromPitch + toPitch), 64);
  const transformed = wasm.scratch(36 * transformedPitch);
  const job = writeJob(from, to, tiles, { bias, activation, filter, transformed, transformedPitch, block, slotBytes, fromPitch, toPitch }, wasm);
  wasm.parallel(turned ? 'winogradFilterTurned' : 'winogradFilter', panels, Math.ceil(512 / from.channels), job);
  wasm.parallel('winogradTiles', tiles.count, block, job);
}

/** y [batch, outHeight, outWidth, co] = act(x * filter + bias). */
export const winogradForward: WasmKernel<Conv2DGeometry> = ({ x, filter, bias }, { y }, g, wasm) => {
  const from = { data: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: g.padTop, padLeft: g.padLeft };
  const to = { data: y!, height: g.outHeight, width: g.outWidth, channels: g.outChannels, padTop: 0, padLeft: 0 };
  convolve(from, to, g.batch, filter!, false, bias ?? 0, activationCode[g.activation], wasm);
};

/** dx [batch, inHeight, inWidth, ci] from dy and filter. */
export const winogradDx: WasmKernel<Conv2DGeometry> = ({ dy, filter }, { dx }, g, wasm) => {
  const from = { data: dy!, height: g.outHeight, width: g.outWidth, channels: g.outChannels, padTop: 2 - g.padTop, padLeft: 2 - g.padLeft };
  const to = { data: dx!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: 0, padLeft: 0 };
  convolve(from, to, g.batch, filter!, true, 0, 0, wasm);
};

/** Sums of up to this many bytes are kept once a piece of the tiles; greater ones once. */
const SUMS_OF_A_PIECE = 1 << 20;
/** Bytes of transformed tiles that all threads share at a time. */
const SHARED_TILES = 8 << 20;

/** dfilter [3, 3, ci, co] from x and dy. */
export const winogradDfilter: WasmKernel<Conv2DGeometry> = ({ x, dy }, { dfilter }, g, wasm) => {
  const from = { data: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels, padTop: g.padTop, padLeft: g.padLeft };
  const to = { data: dy!, height: g.outHeight, width: g.outWidth, channels: g.outChannels, padTop: 0, padLeft: 0 };
  const tiles = tiling(g.batch, g.outHeight, g.outWidth);
  const [fromRow, toRow] = [rowBytes(g.inChannels), rowBytes(g.outChannels)];
  // Tiles of rows may run up to three rows past the last channel.
  const transformedPitch = (g.inChannels + 3) * toRow + STAGGER;
  const sums = 36 * transformedPitch;
  if (sums <= SUMS_OF_A_PIECE) {
    const block = 48;
    const [fromPitch, toPitch] = [block * fromRow + STAGGER, block * toRow + STAGGER];
    const pieces = Math.min(16, Math.ceil(tiles.count / block));
    const transformed = wasm.scratch(pieces * sums);
    const slotBytes = roundUp(SLOT_HEAD + 36 * (fromPitch + toPitch) + 64, 64);
    const job = writeJob(from, to, tiles,
      { filter: dfilter!, transformed, transformedPitch, block, slotBytes, fromPitch, toPitch, pieces, pieceBytes: sums }, wasm);
    wasm.parallel('winogradPieceSums', pieces, 1, job);
    wasm.parallel('winogradFilterBack', g.inChannels, Math.ceil(512 / g.outChannels), job);
    return;
  }
  const most = Math.max(48, Math.floor(SHARED_TILES / (36 * (fromRow + toRow))));
  const chunk = Math.min(tiles.count, most);
  const [fromPitch, toPitch] = [chunk * fromRow + STAGGER, chunk * toRow + STAGGER];
  const transformed = wasm.scratch(sums);
  const sharedFrom = wasm.scratch(36 * fromPitch);
  const sharedTo = wasm.scratch(36 * toPitch);
  const job = writeJob(from, to, tiles,
    { filter: dfilter!, transformed, transformedPitch, block: chunk, slotBytes: SLOT_HEAD, fromPitch, toPitch, sharedFrom, sharedTo }, wasm);
  const rowsPerUnit = 48;
  const units = 36 * Math.ceil(g.inChannels / rowsPerUnit);
  for (let first = 0; first < tiles.count; first += chunk) {
    const count = Math.min(chunk, tiles.count - first);
    wasm.parallel('winogradSharedTiles', count, 8, job, first);
    wasm.parallel('winogradSharedSums', units, 1, job, count, rowsPerUnit, first > 0 ? 1 : 0);
  }
  wasm.parallel('winogradFilterBack', g.inChannels, Math.ceil(512 / g.outChannels), job);
};
