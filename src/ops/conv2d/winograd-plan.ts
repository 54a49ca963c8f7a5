/**
 * What the Winograd kernels are told: sizes and pointers in the structs of asm/winograd-job.ts, and workspace.
 */
import type { WasmRuntime } from '../../backends/wasm-runtime.js';

/** Output pixels along a side of a tile. */
const TILE = 4;
/** Channels of a panel; rows of transformed tiles are whole panels. */
export const PANEL = 8;
/** What lies before the matrices in a slot: pixels, temporaries (asm/winograd-gather.ts), rounded up. */
export const SLOT_HEAD = 2560;
/** Between the 36 matrices, so that they do not begin in the same set of the cache. */
export const STAGGER = 64;

/** Pictures as the kernels see them: asm/winograd-job.ts. */
export interface Pictures {
  data: number;
  height: number;
  width: number;
  channels: number;
  /** Floats from one pixel to the next; default `channels`. */
  pitch?: number;
  padTop: number;
  padLeft: number;
}

export interface Tiling {
  down: number;
  across: number;
  count: number;
}

export function tiling(batch: number, height: number, width: number): Tiling {
  const down = Math.ceil(height / TILE);
  const across = Math.ceil(width / TILE);
  return { down, across, count: batch * down * across };
}

export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
/** Bytes of one row of a transformed tile. */
export const rowBytes = (channels: number): number => 4 * roundUp(channels, PANEL);

/** Channels of a panel. With 16 of them rows of sums are whole panels where 16 divides the channels. */
export const panelWidth = (channels: number, wasm: WasmRuntime): number => (wasm.wide && channels % 16 === 0 ? 16 : PANEL);

/** Everything the kernels are told, but the pointers to pictures. */
export interface Plan {
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
export function writeJob(from: Pictures, to: Pictures, tiles: Tiling, plan: Plan, wasm: WasmRuntime): number {
  const pictures = (p: Pictures): number =>
    wasm.struct(
      p.data,
      p.height,
      p.width,
      p.channels,
      (p.pitch ?? p.channels) * 4,
      p.padTop,
      p.padLeft,
      tiles.down,
      tiles.across,
    );
  const channels = Math.max(from.channels, to.channels);
  const zeros = wasm.scratch(channels * 4);
  wasm.clear(zeros, channels * 4);
  const flags = wasm.scratch(wasm.threads * 4);
  wasm.clear(flags, wasm.threads * 4);
  const slots = wasm.scratch(wasm.threads * plan.slotBytes);
  return wasm.struct(
    pictures(from),
    pictures(to),
    zeros,
    plan.bias || zeros,
    plan.activation ?? 0,
    plan.filter,
    panelWidth(to.channels, wasm),
    plan.transformed,
    plan.transformedPitch,
    plan.block,
    flags,
    slots,
    wasm.threads,
    plan.slotBytes,
    plan.fromPitch,
    plan.toPitch,
    tiles.count,
    plan.pieces ?? 1,
    plan.pieceBytes ?? 0,
    plan.sharedFrom ?? 0,
    plan.sharedTo ?? 0,
  );
}
