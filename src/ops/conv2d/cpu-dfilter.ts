import { packRows } from '../gemm/cpu-pack.js';
import { DEPTH, multiplyPanels, PANEL } from '../gemm/cpu-panel.js';
import { workspace } from '../gemm/cpu-workspace.js';
import { gatherDepth, type Source, type Tap, Tile, type Window, windowOf } from './cpu-gather.js';
import type { Conv2DGeometry } from './geometry.js';

/** Columns of the unfolded picture that are packed at a time, where the channels allow it. */
const SLAB = 256;

/** The columns from `column` on: some of the filter's elements, some of a group's channels. */
interface Slab {
  readonly window: Window;
  readonly element: number;
  /** From the group's first. */
  readonly channel: number;
  readonly column: number;
}

/** Slabs of at most SLAB columns, which together are all elements of the filter and all channels of a group. */
function slabsOf(source: Source, taps: readonly Tap[], firstChannel: number, channels: number): Slab[] {
  const slabs: Slab[] = [];
  let column = 0;
  for (let channel = 0; channel < channels; channel += SLAB) {
    const wide = Math.min(SLAB, channels - channel);
    const elements = Math.floor(SLAB / wide);
    for (let element = 0; element < taps.length; element += elements) {
      const window = windowOf(taps.slice(element, element + elements), firstChannel + channel, wide, source);
      slabs.push({ window, element, channel, column });
      column += window.size;
    }
  }
  return slabs;
}

/** dfilter^T [co, column] = sum over tiles of places of dy^T [co, place] times the unfolded x [place, column]. */
export function convolutionDfilter(
  source: Source,
  taps: readonly Tap[],
  dy: Float32Array,
  dfilter: Float32Array,
  g: Conv2DGeometry,
): void {
  const groupIn = g.inChannels / g.groups;
  const groupOut = g.outChannels / g.groups;
  const grid = { rows: g.outHeight, columns: g.outWidth, rowStep: g.strideHeight, columnStep: g.strideWidth };
  const places = g.batch * g.outHeight * g.outWidth;
  const columns = taps.length * groupIn;
  const panels = Math.ceil(groupOut / PANEL);
  const tile = new Tile(Math.min(DEPTH / 2, places));
  const most = Math.ceil(tile.most / PANEL) * PANEL;
  const sums = workspace('sums', panels * PANEL * columns);
  const packedX = workspace('columns', most * Math.min(SLAB, columns));
  const packedDy = workspace('weights', most * panels * PANEL);
  for (let group = 0; group < g.groups; group++) {
    const slabs = slabsOf(source, taps, group * groupIn, groupIn);
    sums.fill(0, 0, panels * PANEL * columns);
    for (let first = 0; first < places; first += tile.most) {
      tile.locate(grid, first, Math.min(tile.most, places - first));
      const blocks = Math.ceil(tile.count / PANEL);
      const aStep = blocks * PANEL * PANEL;
      for (let panel = 0; panel < panels; panel++) {
        const start = first * g.outChannels + group * groupOut + panel * PANEL;
        packRows(dy, start, 1, g.outChannels, Math.min(PANEL, groupOut - panel * PANEL), tile.count, packedDy, panel * aStep);
      }
      for (const { window, column } of slabs) {
        gatherDepth(source, grid, window, tile, packedX);
        const rows = { a: packedDy, aStart: 0, aStep, c: sums, cStart: column * PANEL, cStep: columns * PANEL };
        multiplyPanels({ count: panels, ...rows }, packedX, 0, blocks, window.size);
      }
    }
    for (const slab of slabs) store(sums, slab, columns, dfilter, g, group);
  }
}

/** A slab's sums [co / 4][column][4] to their places in the filter. */
function store(
  sums: Float64Array,
  { window, element, channel, column }: Slab,
  columns: number,
  dfilter: Float32Array,
  g: Conv2DGeometry,
  group: number,
): void {
  const groupIn = g.inChannels / g.groups;
  const groupOut = g.outChannels / g.groups;
  const { channels, size } = window;
  for (let i = 0; i < size; i++) {
    const e = element + Math.floor(i / channels);
    const to = (e * groupIn + channel + (i % channels)) * g.outChannels + group * groupOut;
    for (let co = 0; co < groupOut; co++) dfilter[to + co] = sums[((co >> 2) * columns + column + i) * PANEL + (co & 3)]!;
  }
}
