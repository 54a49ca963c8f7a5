import { DEPTH, multiplyPanels, PANEL } from '../gemm/cpu-panel.js';
import { workspace } from '../gemm/cpu-workspace.js';
import { type Grid, gatherColumns, type Source, Tile, type Window } from './cpu-gather.js';

/** Places that are unfolded at a time. */
const PLACES = 64;

/** Where the results go: place (row, column) to pixel (row * rowStep + row0, column * columnStep + column0), some channels of it. */
export interface Target {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Numbers from one pixel to the next. */
  readonly channels: number;
  readonly row0: number;
  readonly column0: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly firstChannel: number;
  /** How many channels are written. */
  readonly wide: number;
}

/** Length of the weights that `correlate` takes: [wide / 4][size / 4][4][4], zeros where either ends. */
export function weightsLength(wide: number, size: number): number {
  return Math.ceil(wide / PANEL) * Math.ceil(size / PANEL) * PANEL * PANEL;
}

/** Place of the weight of channel `channel` for number `k` of a window of `size` numbers. */
export function weightAt(channel: number, k: number, size: number): number {
  return (((channel >> 2) * ((size + 3) >> 2) + (k >> 2)) * PANEL + (channel & 3)) * PANEL + (k & 3);
}

/** For each place of all pictures: target = bias + weights times what the place sees. */
export function correlate(
  source: Source,
  grid: Grid,
  window: Window,
  batch: number,
  target: Target,
  weights: Float64Array,
  bias?: Float32Array,
): void {
  const { firstChannel, wide } = target;
  const places = batch * grid.rows * grid.columns;
  const blocks = Math.ceil(window.size / PANEL);
  const panels = Math.ceil(wide / PANEL);
  const aStep = blocks * PANEL * PANEL;
  const tile = new Tile(Math.min(PLACES, places));
  const packed = workspace('columns', blocks * PANEL * tile.most);
  const sums = workspace('sums', panels * PANEL * tile.most);
  const begin = new Float64Array(panels * PANEL);
  if (bias) begin.set(bias.subarray(firstChannel, firstChannel + wide));
  for (let first = 0; first < places; first += tile.most) {
    tile.locate(grid, first, Math.min(tile.most, places - first));
    gatherColumns(source, grid, window, tile, packed);
    const size = tile.count * PANEL;
    for (let panel = 0, at = 0; panel < panels; panel++) {
      for (const end = at + size; at < end; at++) sums[at] = begin[panel * PANEL + (at & 3)]!;
    }
    for (let block = 0; block < blocks; block += DEPTH / PANEL) {
      const deep = Math.min(DEPTH / PANEL, blocks - block);
      const aStart = block * PANEL * PANEL;
      multiplyPanels(
        { count: panels, a: weights, aStart, aStep, c: sums, cStart: 0, cStep: size },
        packed,
        block * size,
        deep,
        tile.count,
      );
    }
    for (let panel = 0; panel < panels; panel++) store(sums, panel, tile, target);
  }
}

/** The sums of up to 4 channels to the target. */
function store(sums: Float64Array, panel: number, tile: Tile, target: Target): void {
  const { values, height, width, channels, row0, column0, rowStep, columnStep, firstChannel, wide } = target;
  const { picture, row, column, count } = tile;
  const own = Math.min(PANEL, wide - panel * PANEL);
  let from = panel * count * PANEL;
  for (let n = 0; n < count; n++, from += PANEL) {
    const y = row[n]! * rowStep + row0;
    const x = column[n]! * columnStep + column0;
    const to = ((picture[n]! * height + y) * width + x) * channels + firstChannel + panel * PANEL;
    for (let i = 0; i < own; i++) values[to + i] = sums[from + i]!;
  }
}
