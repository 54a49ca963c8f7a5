import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { activationCode } from '../activation/functions.js';
import type { FusedActivation } from '../activation/fused.js';

/**
 * Floats of the inner dimension taken at a time: 8 columns of B and six rows of A of that length stay in
 * a first-level cache, also where two threads share it.
 */
const DEPTH_BLOCK = 256;
/** Rows of C a piece: a multiple of the tiles' 5 and 6 rows; with a block of depth they fit the second-level cache. */
const ROW_BLOCK = 240;
/** Multiplications and additions worth a piece of their own, some 30 us. */
const PIECE = 1.5e6;

/** Columns of a panel: one 256-bit register or two 128-bit ones, twice that where the engine makes the former of the latter. */
export function panelWidth(wasm: WasmRuntime, columns: number): number {
  return wasm.wide && columns > 8 ? 16 : 8;
}

/** B in panels of `width` columns, `outer` times. */
export interface Panels {
  readonly pointer: number;
  /** Bytes from one group's panels to the next; 0 where all share them. */
  readonly outerStep: number;
  readonly columns: number;
  readonly width: number;
  readonly depth: number;
}

/** How B lies in memory; steps in bytes. */
export interface PanelSource {
  readonly pointer: number;
  readonly outer?: number;
  readonly outerStep?: number;
  readonly depthStep: number;
  readonly columnStep: number;
  readonly columns: number;
  /** Rows of B as pieces [byte offset, rows], in the order of A's runs. */
  readonly segments: readonly (readonly [number, number])[];
  /** Added to every row of C; 0 for none. */
  readonly bias?: number;
  readonly biasStep?: number;
}

/** Packs B, see gemmPack. */
export function packPanels(wasm: WasmRuntime, source: PanelSource, width = panelWidth(wasm, source.columns)): Panels {
  const { pointer, outer = 1, outerStep = 0, depthStep, columnStep, columns, segments, bias = 0, biasStep = 0 } = source;
  const depth = segments.reduce((sum, [, rows]) => sum + rows, 0);
  const panels = Math.ceil(columns / width);
  const panelBytes = (depth + 1) * width * 4;
  const packed = wasm.scratch(outer * panels * panelBytes);
  const list = wasm.struct(...segments.flat());
  const task = wasm.struct(
    pointer,
    outerStep,
    depthStep,
    columnStep,
    columns,
    width,
    panels,
    depth,
    list,
    list + segments.length * 8,
    bias,
    biasStep,
    packed,
  );
  wasm.parallel('gemmPack', outer * panels, Math.max(1, Math.ceil(65536 / panelBytes)), task);
  return { pointer: packed, outerStep: panels * panelBytes, columns, width, depth };
}

/** Where the rows of an operand begin: an address for every [outer, batch, row, column]; steps in bytes. */
export interface RowGrid {
  readonly pointer: number;
  readonly outerStep?: number;
  readonly batchStep?: number;
  readonly rowStep?: number;
  readonly columnStep: number;
}

/** C = A B for all rows of a grid. */
export interface RowsProduct {
  readonly outer?: number;
  readonly batch?: number;
  readonly gridHeight?: number;
  readonly gridWidth: number;
  readonly a: RowGrid;
  /** What a row of A consists of: [byte offset from where it begins, floats]. */
  readonly runs: readonly (readonly [number, number])[];
  readonly b: Panels;
  readonly c: RowGrid;
  readonly activation?: FusedActivation;
}

/** Runs cut to at most a block of depth each. */
function cutRuns(runs: RowsProduct['runs']): number[] {
  const cut: number[] = [];
  for (const [offset, floats] of runs) {
    const parts = Math.ceil(floats / DEPTH_BLOCK);
    const most = Math.ceil(floats / parts / 4) * 4;
    for (let at = 0; at < floats; at += most) cut.push(offset + at * 4, Math.min(most, floats - at));
  }
  return cut;
}

/** Multiplies, see gemmRows. */
export function multiplyRows(wasm: WasmRuntime, product: RowsProduct): void {
  const { outer = 1, batch = 1, gridHeight = 1, gridWidth, a, b, c, activation = 'linear' } = product;
  const rows = batch * gridHeight * gridWidth;
  const panels = Math.ceil(b.columns / b.width);
  if (outer * rows * panels === 0) return;
  const runs = cutRuns(product.runs);
  const list = wasm.struct(...runs);
  const blocks = Math.ceil(b.depth / DEPTH_BLOCK);
  const depthBlock = blocks > 1 ? Math.max(Math.ceil(b.depth / blocks), (DEPTH_BLOCK * 3) >> 2) : DEPTH_BLOCK;

  const rowBlock = rows <= ROW_BLOCK * 1.25 ? rows : ROW_BLOCK;
  const rowBlocks = Math.ceil(rows / rowBlock);
  const work = 2 * rowBlock * panels * b.width * b.depth;
  const panelGroups = Math.max(1, Math.min(panels, Math.floor(work / PIECE), Math.ceil(16 / (outer * rowBlocks))));
  const panelGroup = Math.ceil(panels / panelGroups);
  const groups = Math.ceil(panels / panelGroup);
  const pieces = outer * rowBlocks * groups;
  const most = runs.reduce((longest, floats, i) => (i % 2 ? Math.max(longest, floats) : longest), depthBlock);
  const slotBytes = Math.ceil(((rowBlock + 6) * (12 + 64 + most * 4)) / 64) * 64;
  const flags = wasm.scratch(wasm.threads * 4);
  wasm.clear(flags, wasm.threads * 4);
  const task = wasm.struct(
    a.pointer,
    a.outerStep ?? 0,
    a.batchStep ?? 0,
    a.rowStep ?? 0,
    a.columnStep,
    c.pointer,
    c.outerStep ?? 0,
    c.batchStep ?? 0,
    c.rowStep ?? 0,
    c.columnStep,
    b.pointer,
    b.outerStep,
    rows,
    gridHeight,
    gridWidth,
    b.columns,
    b.width,
    b.depth,
    list,
    list + runs.length * 4,
    depthBlock,
    rowBlock,
    rowBlocks,
    panelGroup,
    groups,
    flags,
    wasm.scratch(wasm.threads * slotBytes),
    wasm.threads,
    slotBytes,
    activationCode[activation],
  );
  wasm.parallel('gemmRows', pieces, grain(pieces, work / groups), task);
}

/** Pieces that go together: `work` is one's. */
function grain(pieces: number, work: number): number {
  return pieces * work < 2 * PIECE ? pieces : Math.max(1, Math.round(PIECE / work));
}
