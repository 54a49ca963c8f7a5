import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import { windowPhases } from '../conv2d/phases.js';
import { columnSums } from '../gemm/column-sums.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

/** Products worth a piece of their own, some 50 us. */
const PIECE = 5e5;

/** As many pieces' worth of units as make up PIECE products. */
function grain(products: number): number {
  return Math.max(1, Math.round(PIECE / products));
}

/** A tap along one axis: [row or column of the source, counted from the window's; byte offset into the filter]. */
type Tap = readonly [number, number];

/** The end of a DepthwiseTask: the taps of each axis, and each with each. */
function tapLists(
  wasm: WasmRuntime,
  vertical: readonly Tap[],
  horizontal: readonly Tap[],
  rowBytes: number,
  pixelBytes: number,
): number[] {
  const all = vertical.flatMap(([y, down]) => horizontal.flatMap(([x, right]) => [y * rowBytes + x * pixelBytes, down + right]));
  const [down, across] = [wasm.struct(...vertical.flat()), wasm.struct(...horizontal.flat())];
  return [down, down + vertical.length * 8, across, across + horizontal.length * 8, wasm.struct(...all)];
}

/** x with each channel `multiplier` times over: the multiplier is 1 then. */
function spread(wasm: WasmRuntime, x: number, g: DepthwiseConv2DGeometry): number {
  if (g.multiplier === 1) return x;
  const pixels = g.batch * g.inHeight * g.inWidth;
  const copy = wasm.scratch(pixels * g.outChannels * 4);
  wasm.parallel('depthwiseSpread', pixels, grain(g.outChannels), x, copy, g.inChannels, g.multiplier);
  return copy;
}

/** Depthwise convolution over outChannels channels, see depthwise.asm.ts. */
export const wasmCnn: Parts<WasmKernel<DepthwiseConv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g, wasm) {
    const pixel = g.outChannels * 4;
    const vertical = Array.from(
      { length: g.filterHeight },
      (_, k): Tap => [k * g.dilationHeight - g.padTop, k * g.filterWidth * pixel],
    );
    const horizontal = Array.from({ length: g.filterWidth }, (_, k): Tap => [k * g.dilationWidth - g.padLeft, k * pixel]);
    const task = wasm.struct(
      spread(wasm, x!, g),
      g.inHeight,
      g.inWidth,
      g.outChannels,
      g.strideHeight,
      g.strideWidth,
      y!,
      g.outHeight * g.outWidth * pixel,
      g.outWidth * pixel,
      pixel,
      g.outHeight,
      g.outWidth,
      filter!,
      bias!,
      activationCode[g.activation],
      ...tapLists(wasm, vertical, horizontal, g.inWidth * pixel, pixel),
    );
    wasm.parallel(
      'depthwiseRows',
      g.batch * g.outHeight,
      grain(g.outWidth * g.outChannels * g.filterHeight * g.filterWidth),
      task,
    );
  },

  dx({ dy, filter }, { dx }, g, wasm) {
    const pixel = g.outChannels * 4;
    const size = g.inHeight * g.inWidth * pixel;
    const whole = g.multiplier === 1 ? dx! : wasm.scratch(g.batch * size);
    const [rows, columns] = windowPhases(g);
    for (const row of rows) {
      const vertical = row.taps.map(({ k, offset }): Tap => [offset, k * g.filterWidth * pixel]);
      for (const column of columns) {
        const horizontal = column.taps.map(({ k, offset }): Tap => [offset, k * pixel]);
        const task = wasm.struct(
          dy!,
          g.outHeight,
          g.outWidth,
          g.outChannels,
          1,
          1,
          whole + (row.first * g.inWidth + column.first) * pixel,
          size,
          g.strideHeight * g.inWidth * pixel,
          g.strideWidth * pixel,
          row.count,
          column.count,
          filter!,
          0,
          activationCode.linear,
          ...tapLists(wasm, vertical, horizontal, g.outWidth * pixel, pixel),
        );
        const products = column.count * g.outChannels * Math.max(1, row.taps.length * column.taps.length);
        wasm.parallel('depthwiseRows', g.batch * row.count, grain(products), task);
      }
    }
    if (g.multiplier > 1) {
      const pixels = g.batch * g.inHeight * g.inWidth;
      wasm.parallel('depthwiseGather', pixels, grain(g.outChannels), whole, dx!, g.inChannels, g.multiplier);
    }
  },

  dfilter({ x, dy }, { dfilter }, g, wasm) {
    const rows = g.batch * g.outHeight;
    const taps = g.filterHeight * g.filterWidth;
    const chunkRows = Math.min(rows, Math.max(grain(g.outWidth * g.outChannels * taps), Math.ceil(rows / 64)));
    const chunks = Math.ceil(rows / chunkRows);
    const partial = wasm.scratch(chunks * taps * g.outChannels * 4);
    const task = wasm.struct(
      spread(wasm, x!, g),
      dy!,
      partial,
      g.outChannels,
      g.inHeight,
      g.inWidth,
      g.outHeight,
      g.outWidth,
      g.filterHeight,
      g.filterWidth,
      g.strideHeight,
      g.strideWidth,
      g.dilationHeight,
      g.dilationWidth,
      g.padTop,
      g.padLeft,
      rows,
      chunkRows,
    );
    wasm.parallel('depthwiseFilterChunks', chunks, 1, task);
    columnSums(wasm, partial, chunks, taps * g.outChannels, dfilter!);
  },

  dbias({ dy }, { dbias }, g, wasm) {
    columnSums(wasm, dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
