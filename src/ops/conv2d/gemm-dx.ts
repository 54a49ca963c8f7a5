import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { multiplyRows, packPanels } from '../gemm/rows.js';
import type { Conv2DGeometry } from './geometry.js';
import { zeroPadded } from './picture.js';

/**
 * Of one axis, the elements of dx that are `phase` modulo the stride: which filter elements reach them
 * (k), and which element of dy each meets, counted from the element's own number in the phase.
 */
interface Phase {
  readonly first: number;
  readonly count: number;
  readonly taps: readonly { k: number; offset: number }[];
}

/** y = i stride + phase meets dy[o] through k where o stride - pad + k dilation = y. */
function phases(size: number, filter: number, stride: number, dilation: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const taps = [];
    // From the last filter element to the first: the elements of dy then come in rising order.
    for (let k = filter - 1; k >= 0; k--) {
      const numerator = first + pad - k * dilation;
      if (numerator % stride === 0) taps.push({ k, offset: numerator / stride });
    }
    return { first, count: Math.ceil((size - first) / stride), taps };
  });
}

/** First element of dy that any phase reads, and the one after the last. */
function reach(all: readonly Phase[]): [number, number] {
  let begin = Infinity;
  let end = -Infinity;
  for (const { count, taps } of all) {
    for (const { offset } of taps) {
      begin = Math.min(begin, offset);
      end = Math.max(end, offset + count);
    }
  }
  return begin < end ? [begin, end] : [0, 0];
}

/**
 * dx as products of dy and the turned filter: one for each phase of the strides, with the filter elements
 * that meet it, so that a stride costs nothing and every stride, dilation and group works.
 */
export function gemmDx(wasm: WasmRuntime, dy: number, filter: number, dx: number, g: Conv2DGeometry): void {
  const vertical = phases(g.inHeight, g.filterHeight, g.strideHeight, g.dilationHeight, g.padTop);
  const horizontal = phases(g.inWidth, g.filterWidth, g.strideWidth, g.dilationWidth, g.padLeft);
  const [top, bottom] = reach(vertical);
  const [left, right] = reach(horizontal);
  const picture = zeroPadded(wasm, dy, g.batch, g.outHeight, g.outWidth, g.outChannels, { top, bottom, left, right });
  const { groups } = g;
  const inChannels = g.inChannels / groups;
  const outChannels = g.outChannels / groups;
  const pixel = g.inChannels * 4;
  for (const row of vertical) {
    for (const column of horizontal) {
      const segments: [number, number][] = [];
      const runs: [number, number][] = [];
      for (const { k: ky, offset: y } of row.taps) {
        let next = NaN;
        for (const { k: kx, offset: x } of column.taps) {
          segments.push([(ky * g.filterWidth + kx) * inChannels * g.outChannels * 4, outChannels]);
          if (x === next && groups === 1) runs.at(-1)![1] += outChannels;
          else runs.push([y * picture.rowStep + x * picture.columnStep, outChannels]);
          next = x + 1;
        }
      }
      const panels = packPanels(wasm, {
        pointer: filter, outer: groups, outerStep: outChannels * 4, depthStep: 4, columnStep: g.outChannels * 4,
        columns: inChannels, segments,
      });
      multiplyRows(wasm, {
        outer: groups, batch: g.batch, gridHeight: row.count, gridWidth: column.count, runs, b: panels,
        a: {
          pointer: picture.pointer, outerStep: outChannels * 4, batchStep: picture.batchStep,
          rowStep: picture.rowStep, columnStep: picture.columnStep,
        },
        c: {
          pointer: dx + (row.first * g.inWidth + column.first) * pixel, outerStep: inChannels * 4,
          batchStep: g.inHeight * g.inWidth * pixel, rowStep: g.strideHeight * g.inWidth * pixel,
          columnStep: g.strideWidth * pixel,
        },
      });
    }
  }
}
