// C = A B + bias with B packed in panels of 8 or 16 columns: the one product under matrix multiplication,
// dense layers, convolution and its input gradient. A row of A is a pointer into the operand and a list of
// runs of floats that all rows share: a convolution is the case of one run (or a few) per filter row, a
// matrix product the case of one run. A is packed a block at a time, never unfolded as a whole.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { packRun, rectifyTile, registerTile, STEP_BYTES } from '../../backends/wasm-cnn/asm/register-tile';
import { registerTile16 } from '../../backends/wasm-cnn/asm/wide-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { copyFloats, transpose4 } from '../../backends/wasm-cnn/asm/move';
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

// Not for calls from outside, see register-tile.ts.
export { registerTile } from '../../backends/wasm-cnn/asm/register-tile';
export { registerTile16 } from '../../backends/wasm-cnn/asm/wide-tile';

/** Bytes of a row of the widest panel. */
// @ts-ignore: decorator
@inline const WIDEST: usize = 64;

/** How B lies in memory, and where its panels go. Steps in bytes. */
@unmanaged class PackTask {
  source: usize;
  /** From one group's (or batch element's) B to the next. */
  outerStep: usize;
  depthStep: usize;
  columnStep: usize;
  columns: i32;
  /** Columns of a panel, and how many panels there are. */
  panel: i32;
  panels: i32;
  /** Rows of B, and pairs {byte offset, rows} of which these consist. */
  depth: i32;
  segments: usize;
  segmentsEnd: usize;
  /** 0 for none. */
  bias: usize;
  biasStep: usize;
  packed: usize;
}

/**
 * Packs panels [begin, end) of outer x panels: a row of bias (or zeros), then depth rows; columns beyond the
 * last are zero.
 */
export function gemmPack(begin: i32, end: i32, task: PackTask): void {
  const rowBytes = <usize>task.panel << 2, panelBytes = <usize>(task.depth + 1) * rowBytes;
  for (let index = begin; index < end; index++) {
    const outer = index / task.panels, first = (index - outer * task.panels) * task.panel;
    for (let part = 0; part < task.panel; part += 8) {
      const column = first + part, columns = max(0, min(8, task.columns - column));
      let to = task.packed + <usize>index * panelBytes + (<usize>part << 2);
      if (task.bias) copyPadded(task.bias + <usize>outer * task.biasStep + (<usize>column << 2), 4, columns, to);
      else copyPadded(0, 4, 0, to);
      to += rowBytes;
      const source = task.source + <usize>outer * task.outerStep + <usize>column * task.columnStep;
      for (let segment = task.segments; segment < task.segmentsEnd; segment += 8) {
        const rows = load<i32>(segment, 4);
        packSegment(source + load<usize>(segment), rows, columns, task.depthStep, task.columnStep, to, rowBytes);
        to += <usize>rows * rowBytes;
      }
    }
  }
}

/** Eight columns of `rows` rows of B, or as many as there are. */
function packSegment(from: usize, rows: i32, columns: i32, depthStep: usize, columnStep: usize, to: usize, rowBytes: usize): void {
  const end = to + <usize>rows * rowBytes;
  if (columns == 8 && columnStep == 4) {
    for (; to < end; to += rowBytes, from += depthStep) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  if (columns == 8 && depthStep == 4) {
    const right = columnStep << 2;
    for (; to + 3 * rowBytes < end; to += rowBytes << 2, from += 16) {
      transpose4(from, columnStep, to, rowBytes);
      transpose4(from + right, columnStep, to + 16, rowBytes);
    }
  }
  for (; to < end; to += rowBytes, from += depthStep) copyPadded(from, columnStep, columns, to);
}

/** `count` floats `step` bytes apart, zeros up to 8. */
function copyPadded(from: usize, step: usize, count: i32, to: usize): void {
  for (let i = 0; i < 8; i++, to += 4, from += step) f32.store(to, i < count ? f32.load(from) : 0);
}

/** The grid of rows, the runs of A, the packed B and where C goes. Steps in bytes. */
@unmanaged class RowsTask {
  x: usize;
  xOuter: usize;
  xBatch: usize;
  xRow: usize;
  xColumn: usize;
  y: usize;
  yOuter: usize;
  yBatch: usize;
  yRow: usize;
  yColumn: usize;
  packed: usize;
  /** From one group's panels to the next; 0 where all share them. */
  packedOuter: usize;
  /** Rows of C: batch x gridHeight x gridWidth. */
  rows: i32;
  gridHeight: i32;
  gridWidth: i32;
  columns: i32;
  /** Columns of a panel. */
  panel: i32;
  depth: i32;
  /** Pairs {byte offset, floats}; at most `depthBlock` floats of them are taken at a time, or one run. */
  runs: usize;
  runsEnd: usize;
  depthBlock: i32;
  rowBlock: i32;
  rowBlocks: i32;
  panelGroup: i32;
  panelGroups: i32;
  /** One slot a thread: the row table of a row block, a panel of it, its packed A for a block of depth. */
  flags: usize;
  slots: usize;
  slotCount: i32;
  slotBytes: usize;
  activation: i32;
}

/** Pieces [begin, end) of outer x rowBlocks x panelGroups. */
export function gemmRows(begin: i32, end: i32, task: RowsTask): void {
  const slot = takeSlot(task.flags, task.slotCount);
  const table = task.slots + <usize>slot * task.slotBytes;
  for (let piece = begin; piece < end; piece++) {
    const block = piece / task.panelGroups, group = piece - block * task.panelGroups;
    const outer = block / task.rowBlocks, row = (block - outer * task.rowBlocks) * task.rowBlock;
    const rows = min(task.rowBlock, task.rows - row);
    const tail = table + <usize>(task.rowBlock + TILE_ROWS) * ROW_ENTRY;
    fillRowTable(task, outer, row, rows, table, tail);
    const panels = (task.columns + task.panel - 1) / task.panel, panel = group * task.panelGroup;
    multiplyBlock(task, outer, table, rows, panel, min(panel + task.panelGroup, panels));
  }
  giveSlot(task.flags, slot);
}

/** Entries for `rows` rows of the grid from `row` on; the last is repeated to fill its tile. */
function fillRowTable(task: RowsTask, outer: i32, row: i32, rows: i32, entry: usize, tail: usize): void {
  const line = row / task.gridWidth, batch = line / task.gridHeight;
  let column = row - line * task.gridWidth, gridRow = line - batch * task.gridHeight;
  let xBatch = task.x + <usize>outer * task.xOuter + <usize>batch * task.xBatch;
  let yBatch = task.y + <usize>outer * task.yOuter + <usize>batch * task.yBatch;
  let x = xBatch + <usize>gridRow * task.xRow + <usize>column * task.xColumn;
  let y = yBatch + <usize>gridRow * task.yRow + <usize>column * task.yColumn;
  const xColumn = task.xColumn, yColumn = task.yColumn, gridWidth = task.gridWidth;
  const filled = (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  for (let i = 0; i < filled; i++, entry += ROW_ENTRY) {
    store<usize>(entry, x);
    store<usize>(entry, y, 4);
    store<usize>(entry, tail, 8);
    if (i >= rows - 1) continue;
    tail += WIDEST;
    x += xColumn;
    y += yColumn;
    if (++column < gridWidth) continue;
    column = 0;
    if (++gridRow == task.gridHeight) {
      gridRow = 0;
      xBatch += task.xBatch;
      yBatch += task.yBatch;
    }
    x = xBatch + <usize>gridRow * task.xRow;
    y = yBatch + <usize>gridRow * task.yRow;
  }
}

function multiplyBlock(task: RowsTask, outer: i32, table: usize, rows: i32, firstPanel: i32, lastPanel: i32): void {
  const width = task.panel, rowBytes = <usize>width << 2, panelBytes = <usize>(task.depth + 1) * rowBytes;
  const packed = task.packed + <usize>outer * task.packedOuter;
  const tableEnd = table + <usize>rows * ROW_ENTRY, tileBytes = <usize>TILE_ROWS * ROW_ENTRY;
  const packedA = table + <usize>(task.rowBlock + TILE_ROWS) * (ROW_ENTRY + WIDEST);
  let run = task.runs, depth = 1;
  do {
    // As many runs as fit the block of depth: its part of a panel stays in the first-level cache.
    let runsEnd = run, steps = 0;
    while (runsEnd < task.runsEnd) {
      const more = steps + load<i32>(runsEnd, 4);
      if (more > task.depthBlock && runsEnd > run) break;
      steps = more;
      runsEnd += 8;
    }
    packRows(table, tableEnd, run, runsEnd, packedA);
    const activation = runsEnd == task.runsEnd && task.activation <= 2 ? task.activation : 0;
    for (let panel = firstPanel; panel < lastPanel; panel++) {
      const start = packed + <usize>panel * panelBytes, b = start + <usize>depth * rowBytes, last = b + <usize>steps * rowBytes;
      const whole = (panel + 1) * width <= task.columns;
      const target: usize = whole ? 4 : 8, column: usize = whole ? <usize>panel * rowBytes : 0;
      let a = packedA;
      for (let entry = table; entry < tableEnd; entry += tileBytes, a += <usize>steps * STEP_BYTES) {
        if (width == 8) registerTile(a, b, last, entry + target, column, depth == 1 ? start : 0);
        else registerTile16(a, b, last, entry + target, column, depth == 1 ? start : 0);
        if (activation) rectifyTile(entry + target, column, width, activation);
      }
    }
    run = runsEnd;
    depth += steps;
  } while (run < task.runsEnd);
  const last = task.columns / width, columns = task.columns - last * width;
  if (columns && lastPanel > last) storeTailPanel(table, tableEnd, <usize>last * rowBytes, columns);
  if (task.activation > 2) {
    const first = firstPanel * width, count = min(lastPanel * width, task.columns) - first;
    for (let entry = table; entry < tableEnd; entry += ROW_ENTRY) {
      activateFloats(load<usize>(entry, 4) + (<usize>first << 2), count, task.activation);
    }
  }
}

/** The runs [run, runsEnd) of all rows of the table, a tile after the other. */
function packRows(table: usize, tableEnd: usize, run: usize, runsEnd: usize, to: usize): void {
  for (; table < tableEnd; table += <usize>TILE_ROWS * ROW_ENTRY) {
    for (let at = run; at < runsEnd; at += 8) {
      const floats = load<i32>(at, 4);
      packRun(table, load<usize>(at), floats, to);
      to += <usize>floats * STEP_BYTES;
    }
  }
}

/** The last columns, fewer than a panel's, from where they were summed to where they belong. */
function storeTailPanel(entry: usize, end: usize, column: usize, columns: i32): void {
  for (; entry < end; entry += ROW_ENTRY) copyFloats(load<usize>(entry, 8), load<usize>(entry, 4) + column, columns);
}

function activateFloats(at: usize, count: i32, activation: i32): void {
  for (; count >= 4; count -= 4, at += 16) v128.store(at, applyActivation(v128.load(at), activation));
  if (count) storeTail(at, applyActivation(loadTail(at, count), activation), count);
}

/** Rows and columns of matrices, row after row, `outer` of them. */
@unmanaged class TransposeTask {
  source: usize;
  target: usize;
  rows: i32;
  columns: i32;
}

/** Strips of four columns [begin, end) of outer x ceil(columns / 4) become rows. */
export function gemmTranspose(begin: i32, end: i32, task: TransposeTask): void {
  const rows = task.rows, columns = task.columns, strips = (columns + 3) >> 2;
  const rowBytes = <usize>columns << 2, columnBytes = <usize>rows << 2, matrix = rowBytes * <usize>rows;
  for (let index = begin; index < end; index++) {
    const outer = index / strips, column = (index - outer * strips) << 2;
    let from = task.source + <usize>outer * matrix + (<usize>column << 2);
    let to = task.target + <usize>outer * matrix + <usize>column * columnBytes;
    const width = min(4, columns - column);
    let row = 0;
    if (width == 4) {
      for (; row + 4 <= rows; row += 4, from += rowBytes << 2, to += 16) transpose4(from, rowBytes, to, columnBytes);
    }
    for (; row < rows; row++, from += rowBytes, to += 4) {
      for (let i = 0; i < width; i++) f32.store(to + <usize>i * columnBytes, f32.load(from + (<usize>i << 2)));
    }
  }
}
