import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { packPanels } from '../gemm/rows.js';
import type { Conv2DGeometry } from './geometry.js';

/** As in scatter-dx.asm.ts. */
const PIXELS = 60;
/** Pictures below which too few threads would have work. */
const FEW = 4;

const panelsOf = (columns: number): number => Math.ceil(columns / 8);

/** Whether adding windows takes fewer steps than gathering: instructions of a tile's step, and its beginning and end. */
export function scatterSuits(g: Conv2DGeometry): boolean {
  if (g.groups > 1 || g.batch < FEW || g.outChannels > 1024) return false;
  const window = g.filterHeight * g.filterWidth;
  const gather =
    (g.inHeight * g.inWidth * window * g.outChannels * (27 * panelsOf(g.inChannels) + 9)) / (g.strideHeight * g.strideWidth);
  const panels = panelsOf(window * g.inChannels);
  const scatter = g.outHeight * g.outWidth * (panels * (27 * g.outChannels + 90) + 9 * g.outChannels + 8 * window * g.inChannels);
  return scatter < gather;
}

/** dx as the sum of the windows that the pixels of dy give, see scatter-dx.asm.ts. */
export function scatterDx(wasm: WasmRuntime, dy: number, filter: number, dx: number, g: Conv2DGeometry): void {
  const columns = g.filterHeight * g.filterWidth * g.inChannels;
  const { pointer } = packPanels(
    wasm,
    {
      pointer: filter,
      depthStep: 4,
      columnStep: g.outChannels * 4,
      columns,
      segments: [[0, g.outChannels]],
    },
    8,
  );
  const panels = panelsOf(columns);
  const slotBytes = Math.ceil((PIXELS * 12 + g.outChannels * 24 + 128 + PIXELS * panels * 32) / 64) * 64;
  const flags = wasm.scratch(wasm.threads * 4);
  wasm.clear(flags, wasm.threads * 4);
  const task = wasm.struct(
    dy,
    dx,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.dilationHeight,
    g.dilationWidth,
    g.padTop,
    g.padLeft,
    pointer,
    panels,
    flags,
    wasm.scratch(wasm.threads * slotBytes),
    wasm.threads,
    slotBytes,
  );
  const work = 2 * g.outHeight * g.outWidth * columns * g.outChannels;
  wasm.parallel('conv2dScatterDx', g.batch, Math.max(1, Math.min(Math.ceil(g.batch / 4), Math.round(3e6 / work))), task);
}
