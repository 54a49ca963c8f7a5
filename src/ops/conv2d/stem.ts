import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { activationCode } from '../activation/functions.js';
import { paddedInput, windowGrid } from './gemm-forward.js';
import type { Conv2DGeometry } from './geometry.js';

/** Rows of tiles in either build, at least: as many channels share a packed group at most. */
const LEAST_ROWS = 5;
/** Products worth a piece, some 30 us. */
const PIECE = 7e5;

/** Whether eight neighbouring windows are eight neighbouring floats. */
export function stemSuits(g: Conv2DGeometry): boolean {
  return g.inChannels === 1 && g.strideWidth === 1 && g.outWidth >= 8;
}

/** y = activation(conv(x, filter) + bias) for x of one channel, see stem.asm.ts. */
export function stemForward(wasm: WasmRuntime, x: number, filter: number, bias: number, y: number, g: Conv2DGeometry): void {
  const picture = paddedInput(wasm, x, g);
  const grid = windowGrid(picture, g);
  const taps: number[] = [];
  for (let ky = 0; ky < g.filterHeight; ky++) {
    for (let kx = 0; kx < g.filterWidth; kx++) taps.push(ky * g.dilationHeight * picture.rowStep + kx * g.dilationWidth * 4);
  }
  const list = wasm.struct(...taps);
  const groups = Math.ceil(g.outChannels / LEAST_ROWS);
  const flags = wasm.scratch(wasm.threads * 4);
  wasm.clear(flags, wasm.threads * 4);
  const task = wasm.struct(
    grid.pointer,
    grid.batchStep,
    grid.rowStep,
    y,
    (g.outPitch ?? g.outChannels) * 4,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    activationCode[g.activation],
    list,
    list + taps.length * 4,
    filter,
    bias,
    wasm.scratch(groups * (taps.length + 1) * 24),
    flags,
    wasm.scratch(wasm.threads * 256),
    wasm.threads,
  );
  wasm.parallel('stemPack', groups, groups, task);
  const work = g.outWidth * g.outChannels * taps.length;
  wasm.parallel('stemRows', g.batch * g.outHeight, Math.max(1, Math.round(PIECE / work)), task);
}
