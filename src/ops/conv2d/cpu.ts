import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import { multiplyPanel, packRows, PANEL, workspace } from '../gemm/cpu-panel.js';
import { gatherColumns, gatherDepth, type Grid, outputGrid, type Source, Tile } from './cpu-gather.js';
import type { Conv2DGeometry } from './geometry.js';

/** Numbers of a packed tile: 256 KB of float64, which stays in the second-level cache. */
const TILE = 32768;

/** Places in a tile whose places see `depth` numbers each. */
function tileOf(depth: number, places: number): Tile {
  const many = Math.min(512, Math.max(32, Math.floor(TILE / Math.max(1, depth) / 4) * 4));
  return new Tile(Math.min(many, places));
}

/** Where the results of a grid's places go: pixel [row * rowStep + row0, column * columnStep + column0]. */
interface Target {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly row0: number;
  readonly column0: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** For each place of a grid over all pictures: target[channel] = bias[channel] + weights[channel] . what the place sees. */
function correlate(source: Source, grid: Grid, target: Target, batch: number, firstIn: number, channelsIn: number, firstOut: number,
  channelsOut: number, weights: Float64Array, bias: Float32Array | undefined): void {
  const places = batch * grid.rows * grid.columns;
  const depth = (grid.taps.length >> 1) * channelsIn;
  const depthBlocks = Math.ceil(depth / PANEL);
  const tile = tileOf(depth, places);
  const packed = workspace('columns', depthBlocks * PANEL * tile.most);
  const sums = workspace('sums', tile.most * PANEL);
  for (let first = 0; first < places; first += tile.most) {
    tile.locate(grid, first, Math.min(tile.most, places - first));
    const blocks = gatherColumns(source, grid, tile, firstIn, channelsIn, packed);
    for (let co = 0; co < channelsOut; co += PANEL) {
      const wide = Math.min(PANEL, channelsOut - co);
      for (let n = 0; n < tile.count; n++) {
        for (let i = 0; i < PANEL; i++) sums[n * PANEL + i] = bias && i < wide ? bias[firstOut + co + i]! : 0;
      }
      multiplyPanel(weights, co * blocks * PANEL, packed, sums, 0, blocks, tile.count);
      store(sums, tile, target, firstOut + co, wide);
    }
  }
}

function store(sums: Float64Array, tile: Tile, target: Target, channel: number, wide: number): void {
  const { values, height, width, channels, row0, column0, rowStep, columnStep } = target;
  const { picture, row, column, count } = tile;
  for (let n = 0; n < count; n++) {
    const y = row[n]! * rowStep + row0;
    const x = column[n]! * columnStep + column0;
    const to = ((picture[n]! * height + y) * width + x) * channels + channel;
    for (let i = 0; i < wide; i++) values[to + i] = sums[n * PANEL + i]!;
  }
}

/** The places of x along one axis that a stride leaves alike: they see the same filter elements. */
interface Phase {
  /** First place; the others follow at distances of the stride. */
  readonly first: number;
  readonly count: number;
  /** Filter elements that reach these places, and the place of y, from the phase's own, each comes from. */
  readonly elements: number[];
  readonly offsets: number[];
}

/** place + pad = out * stride + element * dilation, solved for out. */
function phases(size: number, window: number, stride: number, dilation: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const elements: number[] = [];
    const offsets: number[] = [];
    for (let k = 0; k < window; k++) {
      const distance = first + pad - k * dilation;
      if (distance % stride !== 0) continue;
      elements.push(k);
      offsets.push(distance / stride);
    }
    return { first, count: Math.ceil((size - first) / stride), elements, offsets };
  });
}

/** dx of the places of one phase. */
function phaseDx(dy: Float32Array, filter: Float32Array, dx: Float32Array, g: Conv2DGeometry, vertical: Phase, horizontal: Phase): void {
  const groupIn = g.inChannels / g.groups;
  const groupOut = g.outChannels / g.groups;
  const taps: number[] = [];
  const elements: number[] = [];
  vertical.elements.forEach((ky, i) => {
    horizontal.elements.forEach((kx, j) => {
      taps.push(vertical.offsets[i]!, horizontal.offsets[j]!);
      elements.push(ky * g.filterWidth + kx);
    });
  });
  const grid = { rows: vertical.count, columns: horizontal.count, rowStep: 1, columnStep: 1, taps: Int32Array.from(taps) };
  const source = { values: dy, height: g.outHeight, width: g.outWidth, channels: g.outChannels };
  const target = {
    values: dx, height: g.inHeight, width: g.inWidth, channels: g.inChannels,
    row0: vertical.first, column0: horizontal.first, rowStep: g.strideHeight, columnStep: g.strideWidth,
  };
  const blocks = Math.ceil((elements.length * groupOut) / PANEL);
  const weights = workspace('weights', Math.ceil(groupIn / PANEL) * blocks * PANEL * PANEL);
  for (let group = 0; group < g.groups; group++) {
    packTransposed(filter, elements, groupIn, groupOut, g.outChannels, group * groupOut, weights);
    correlate(source, grid, target, g.batch, group * groupOut, groupOut, group * groupIn, groupIn, weights, undefined);
  }
}

/** Rows ci, depth k = element * groupOut + co, as multiplyPanel wants them. */
function packTransposed(filter: Float32Array, elements: number[], groupIn: number, groupOut: number, outChannels: number,
  firstOut: number, packed: Float64Array): void {
  const blocks = Math.ceil((elements.length * groupOut) / PANEL);
  packed.fill(0, 0, Math.ceil(groupIn / PANEL) * blocks * PANEL * PANEL);
  elements.forEach((element, e) => {
    for (let ci = 0; ci < groupIn; ci++) {
      const from = (element * groupIn + ci) * outChannels + firstOut;
      const panel = (ci >> 2) * blocks * PANEL * PANEL + (ci & 3) * PANEL;
      for (let co = 0; co < groupOut; co++) {
        const k = e * groupOut + co;
        packed[panel + (k >> 2) * PANEL * PANEL + (k & 3)] = filter[from + co]!;
      }
    }
  });
}

/** Convolution as matrix products over tiles of the unfolded picture. x, y NHWC; filter HWIO; sums in float64. */
export const cpu: Parts<BufferKernel<Float32Array, Conv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g) {
    const groupIn = g.inChannels / g.groups;
    const groupOut = g.outChannels / g.groups;
    const depth = g.filterHeight * g.filterWidth * groupIn;
    const blocks = Math.ceil(depth / PANEL);
    const weights = workspace('weights', Math.ceil(groupOut / PANEL) * blocks * PANEL * PANEL);
    const source = { values: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels };
    const target = {
      values: y!, height: g.outHeight, width: g.outWidth, channels: g.outChannels, row0: 0, column0: 0, rowStep: 1, columnStep: 1,
    };
    for (let group = 0; group < g.groups; group++) {
      for (let co = 0; co < groupOut; co += PANEL) {
        packRows(filter!, group * groupOut + co, 1, g.outChannels, Math.min(PANEL, groupOut - co), depth, weights, co * blocks * PANEL);
      }
      correlate(source, outputGrid(g), target, g.batch, group * groupIn, groupIn, group * groupOut, groupOut, weights, bias);
    }
    applyFused(y!, g.activation);
  },

  /** Places of x whose distance is a multiple of the stride see the same filter elements: each such phase is a correlation. */
  dx({ dy, filter }, { dx }, g) {
    const horizontal = phases(g.inWidth, g.filterWidth, g.strideWidth, g.dilationWidth, g.padLeft);
    for (const down of phases(g.inHeight, g.filterHeight, g.strideHeight, g.dilationHeight, g.padTop)) {
      for (const across of horizontal) phaseDx(dy!, filter!, dx!, g, down, across);
    }
  },

  /** dfilter^T [co, k] = sum over tiles of places of dy^T [co, place] unfolded x [place, k]. */
  dfilter({ x, dy }, { dfilter }, g) {
    const groupIn = g.inChannels / g.groups;
    const groupOut = g.outChannels / g.groups;
    const grid = outputGrid(g);
    const columns = g.filterHeight * g.filterWidth * groupIn;
    const places = g.batch * g.outHeight * g.outWidth;
    const panels = Math.ceil(groupOut / PANEL);
    const source = { values: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels };
    const tile = tileOf(columns, places);
    const deep = Math.ceil(tile.most / PANEL) * PANEL;
    const sums = workspace('sums', panels * columns * PANEL);
    const packedX = workspace('columns', deep * columns);
    const packedDy = workspace('weights', deep * PANEL);
    for (let group = 0; group < g.groups; group++) {
      sums.fill(0, 0, panels * columns * PANEL);
      for (let first = 0; first < places; first += tile.most) {
        tile.locate(grid, first, Math.min(tile.most, places - first));
        const blocks = gatherDepth(source, grid, tile, group * groupIn, groupIn, packedX);
        for (let panel = 0; panel < panels; panel++) {
          const co = panel * PANEL;
          packRows(dy!, first * g.outChannels + group * groupOut + co, 1, g.outChannels, Math.min(PANEL, groupOut - co), tile.count, packedDy, 0);
          multiplyPanel(packedDy, 0, packedX, sums, co * columns, blocks, columns);
        }
      }
      for (let k = 0; k < columns; k++) {
        for (let co = 0; co < groupOut; co++) {
          dfilter![k * g.outChannels + group * groupOut + co] = sums[((co >> 2) * columns + k) * PANEL + (co & 3)]!;
        }
      }
    }
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
