import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { multiplyRows, packPanels } from '../gemm/rows.js';
import type { Conv2DGeometry } from './geometry.js';
import { phasesReach, windowPhases } from './phases.js';
import { zeroPadded } from './picture.js';

/**
 * dx as products of dy and the turned filter: one for each phase of the strides, with the filter elements
 * that meet it, so that a stride costs nothing and every stride, dilation and group works.
 */
export function gemmDx(wasm: WasmRuntime, dy: number, filter: number, dx: number, g: Conv2DGeometry): void {
  const [vertical, horizontal] = windowPhases(g);
  const [top, bottom] = phasesReach(vertical);
  const [left, right] = phasesReach(horizontal);
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
        pointer: filter,
        outer: groups,
        outerStep: outChannels * 4,
        depthStep: 4,
        columnStep: g.outChannels * 4,
        columns: inChannels,
        segments,
      });
      multiplyRows(wasm, {
        outer: groups,
        batch: g.batch,
        gridHeight: row.count,
        gridWidth: column.count,
        runs,
        b: panels,
        a: {
          pointer: picture.pointer,
          outerStep: outChannels * 4,
          batchStep: picture.batchStep,
          rowStep: picture.rowStep,
          columnStep: picture.columnStep,
        },
        c: {
          pointer: dx + (row.first * g.inWidth + column.first) * pixel,
          outerStep: inChannels * 4,
          batchStep: g.inHeight * g.inWidth * pixel,
          rowStep: g.strideHeight * g.inWidth * pixel,
          columnStep: g.strideWidth * pixel,
        },
      });
    }
  }
}
