// C = A B + bias with B packed in panels of 8 columns: the one product under matrix multiplication,
// dense layers, convolution and its input gradient. A row of A is a pointer into the operand and a list of
// runs of floats that all rows share: a convolution is the case of one run (or a few) per filter row, a
// matrix product the case of one run. A is packed a block at a time, never unfolded as a whole.
import { PANEL, ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { packRun, rectifyTile, registerTile, STEP_BYTES } from '../../backends/wasm-cnn/asm/register-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { copyFloats, transpose4 } from '../../backends/wasm-cnn/asm/move';
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

// Not for calls from outside, see register-tile.ts.
export { registerTile } from '../../backends/wasm-cnn/asm/register-tile';

/** How B lies in memory, and where its panels go. Steps in bytes. */
@unmanaged class PackTask {
  source: usize;
  /** From one group's (or batch element's) B to the next. */
  outerStep: usize;
  depthStep: usize;
  columnStep: usize;
  columns: i32;
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
 * Packs panels [begin, end) of outer x ceil(columns / 8): 8 floats of bias (or zeros), then depth rows
 * of 8 columns; columns beyond the last are zero.
 */
export function gemmPack(begin: i32, end: i32, task: PackTask): void {
  const panelBytes = <usize>(task.depth + 1) << 5;
  for (let index = begin; index < end; index++) {
    const outer = index / task.panels, column = (index - outer * task.panels) * PANEL;
    const columns = min(PANEL, task.columns - column);
    let to = task.packed + <usize>index * panelBytes;
    if (task.bias) copyPadded(task.bias + <usize>outer * task.biasStep + (<usize>column << 2), 4, columns, to);
    else copyPadded(0, 4, 0, to);
    to += 32;
    const source = task.source + <usize>outer * task.outerStep + <usize>column * task.columnStep;
    for (let segment = task.segments; segment < task.segmentsEnd; segment += 8) {
      const rows = load<i32>(segment, 4);
      packSegment(source + load<usize>(segment), rows, columns, task.depthStep, task.columnStep, to);
      to += <usize>rows << 5;
    }
  }
}

function packSegment(from: usize, rows: i32, columns: i32, depthStep: usize, columnStep: usize, to: usize): void {
  const end = to + (<usize>rows << 5);
  if (columns == PANEL && columnStep == 4) {
    for (; to < end; to += 32, from += depthStep) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  if (columns == PANEL && depthStep == 4) {
    const right = columnStep << 2;
    for (; to + 96 < end; to += 128, from += 16) {
      transpose4(from, columnStep, to, 32);
      transpose4(from + right, columnStep, to + 16, 32);
    }
  }
  for (; to < end; to += 32, from += depthStep) copyPadded(from, columnStep, columns, to);
}

/** `count` floats `step` bytes apart, zeros up to 8. */
function copyPadded(from: usize, step: usize, count: i32, to: usize): void {
  for (let i = 0; i < PANEL; i++, to += 4, from += step) f32.store(to, i < count ? f32.load(from) : 0);
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
  depth: i32;
  /** Pairs {byte offset, floats}; at most `depthBlock` floats of them are taken at a time, or one run. */
  runs: usize;
  runsEnd: usize;
  depthBlock: i32;
  rowBlock: i32;
  rowBlocks: i32;
  panelGroup: i32;
  panelGroups: i32;
  /** One slot a thread: the row table of a row block, 8 columns of it, its packed A for a block of depth. */
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
    const panels = (task.columns + PANEL - 1) / PANEL, panel = group * task.panelGroup;
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
    tail += 32;
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
  const panelBytes = <usize>(task.depth + 1) << 5;
  const packed = task.packed + <usize>outer * task.packedOuter;
  const tableEnd = table + <usize>rows * ROW_ENTRY, tileBytes = <usize>TILE_ROWS * ROW_ENTRY;
  const packedA = table + <usize>(task.rowBlock + TILE_ROWS) * (ROW_ENTRY + 32);
  let run = task.runs, depth: usize = 32;
  do {
    // As many runs as fit the block of depth: its part of a panel stays in the first-level cache.
    let runsEnd = run, next = depth;
    const limit = depth + (<usize>task.depthBlock << 5);
    while (runsEnd < task.runsEnd) {
      const after = next + (load<usize>(runsEnd, 4) << 5);
      if (after > limit && runsEnd > run) break;
      next = after;
      runsEnd += 8;
    }
    const stepsBytes = ((next - depth) >> 5) * STEP_BYTES;
    let a = packedA;
    for (let entry = table; entry < tableEnd; entry += tileBytes) {
      for (let at = run; at < runsEnd; at += 8) {
        packRun(entry, load<usize>(at), load<i32>(at, 4), a);
        a += <usize>load<i32>(at, 4) * STEP_BYTES;
      }
    }
    const activation = runsEnd == task.runsEnd && task.activation <= 2 ? task.activation : 0;
    for (let panel = firstPanel; panel < lastPanel; panel++) {
      const b = packed + <usize>panel * panelBytes, start: usize = run == task.runs ? b : 0;
      const whole = (panel + 1) * PANEL <= task.columns;
      const target: usize = whole ? 4 : 8, column: usize = whole ? <usize>panel << 5 : 0;
      a = packedA;
      for (let entry = table; entry < tableEnd; entry += tileBytes) {
        registerTile(a, b + depth, b + next, entry + target, column, start);
        if (activation) rectifyTile(entry + target, column, activation);
        a += stepsBytes;
      }
    }
    run = runsEnd;
    depth = next;
  } while (run < task.runsEnd);
  const columns = task.columns & (PANEL - 1), last = task.columns / PANEL;
  if (columns && lastPanel > last) storeTailPanel(table, tableEnd, <usize>last << 5, columns);
  if (task.activation > 2) {
    const first = firstPanel * PANEL, count = min(lastPanel * PANEL, task.columns) - first;
    for (let entry = table; entry < tableEnd; entry += ROW_ENTRY) {
      activateFloats(load<usize>(entry, 4) + (<usize>first << 2), count, task.activation);
    }
  }
}

/** The last columns, fewer than 8, from where they were summed to where they belong. */
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
