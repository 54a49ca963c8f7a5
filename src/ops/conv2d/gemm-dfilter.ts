import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { panelWidth } from '../gemm/rows.js';
import { paddedInput, windowGrid, windowRuns } from './gemm-forward.js';
import type { Conv2DGeometry } from './geometry.js';

/** Operations worth a piece of their own. */
const PIECE = 2e6;
/** Pixels below which a sum is not split further, and bytes above which all partial sums together shall not grow. */
const CHUNK_PIXELS = 512;
const PARTIAL_BYTES = 4 << 20;
/** Tiles that at least go together: they share a block of dy in the second-level cache. */
const TILES = 12;

/** A thread's workspace. */
const SLOT_BYTES = 192 + 256 * 24;

/** dfilter as a sum over all pixels of y, see filter-gradient.asm.ts. */
export function gemmDfilter(wasm: WasmRuntime, x: number, dy: number, dfilter: number, g: Conv2DGeometry): void {
  const { groups } = g;
  const tileRows = wasm.call('filterGradientTileRows');
  const runFloats = ((g.dilationWidth === 1 && groups === 1 ? g.filterWidth : 1) * g.inChannels) / groups;
  // Runs shorter than a tile: it reads on behind them, at the very end behind x.
  const picture = paddedInput(wasm, x, g, runFloats < tileRows ? 4 * tileRows : 0);
  const tiles: number[] = [];
  windowRuns(picture, g).forEach(([offset, floats], run) => {
    for (let at = 0; at < floats; at += tileRows) {
      // The last tile of a run overlaps the one before it and computes some sums twice.
      const start = Math.max(0, Math.min(at, floats - tileRows));
      tiles.push(offset + start * 4, run * floats + start, Math.min(tileRows, floats));
    }
  });
  const tileCount = tiles.length / 3;
  const groupChannels = g.outChannels / groups;
  const width = panelWidth(wasm, groupChannels);
  const panels = Math.ceil(groupChannels / width);
  const pixels = g.batch * g.outHeight * g.outWidth;
  const tileBytes = tileRows * width * 4;
  const sumsBytes = groups * tileCount * panels * tileBytes;

  const work = 2 * pixels * groups * tileCount * panels * tileRows * width;
  const most = Math.min(work / PIECE, pixels / CHUNK_PIXELS, 32, Math.max(1, PARTIAL_BYTES / sumsBytes));
  const chunkPixels = Math.ceil(pixels / Math.max(1, Math.floor(most)));
  const chunks = Math.ceil(pixels / chunkPixels);
  const split = Math.max(1, Math.min(Math.floor(tileCount / TILES), Math.floor(work / (chunks * groups) / (2 * PIECE))));
  const tileGroup = Math.ceil(tileCount / split);
  const tileGroups = Math.ceil(tileCount / tileGroup);

  const flags = wasm.scratch(wasm.threads * 4);
  wasm.clear(flags, wasm.threads * 4);
  const grid = windowGrid(picture, g);
  const task = wasm.struct(
    grid.pointer,
    grid.batchStep,
    grid.rowStep,
    grid.columnStep,
    (g.inChannels / groups) * 4,
    dy,
    dfilter,
    pixels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    groupChannels,
    width,
    panels,
    wasm.scratch(pixels * 4),
    wasm.scratch(groups * panels * pixels * width * 4),
    wasm.struct(...tiles),
    tileCount,
    tileGroup,
    tileGroups,
    chunkPixels,
    chunks,
    wasm.scratch(chunks * sumsBytes),
    flags,
    wasm.scratch(wasm.threads * SLOT_BYTES),
    wasm.threads,
  );
  wasm.parallel('filterGradientPack', pixels, Math.ceil(65536 / g.outChannels / 64) * 64, task);
  const pieces = chunks * groups * tileGroups;
  wasm.parallel('filterGradientTiles', pieces, Math.max(1, Math.round((PIECE * pieces) / work)), task);
  wasm.parallel('filterGradientSum', groups * tileCount, Math.max(1, Math.ceil(262144 / (chunks * panels * tileBytes))), task);
}
