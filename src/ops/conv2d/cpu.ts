import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import { DEPTH, multiplyPanel, packRows, PANEL, workspace } from '../gemm/cpu-panel.js';
import { gatherColumns, gatherDepth, type Grid, outputGrid, type Source, Tile } from './cpu-gather.js';
import type { Conv2DGeometry } from './geometry.js';

/** Places that are unfolded at a time. */
const PLACES = 64;

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
  const blocks = Math.ceil(((grid.taps.length >> 1) * channelsIn) / PANEL);
  const tile = new Tile(Math.min(PLACES, places));
  const packed = workspace('columns', blocks * PANEL * tile.most);
  const wide = Math.ceil(channelsOut / PANEL) * PANEL;
  const sums = workspace('sums', wide * tile.most);
  const begin = new Float64Array(wide);
  if (bias) begin.set(bias.subarray(firstOut, firstOut + channelsOut));
  for (let first = 0; first < places; first += tile.most) {
    tile.locate(grid, first, Math.min(tile.most, places - first));
    const size = tile.count * PANEL;
    gatherColumns(source, grid, tile, firstIn, channelsIn, packed);
    for (let co = 0, at = 0; co < channelsOut; co += PANEL) {
      for (const end = at + size; at < end; at++) sums[at] = begin[co + (at & 3)]!;
    }
    for (let block = 0; block < blocks; block += DEPTH / PANEL) {
      const deep = Math.min(DEPTH / PANEL, blocks - block);
      for (let co = 0; co < channelsOut; co += PANEL) {
        multiplyPanel(weights, (co * blocks + block * PANEL) * PANEL, packed, block * size, sums, co * tile.count, deep, tile.count);
      }
    }
    for (let co = 0; co < channelsOut; co += PANEL) {
      store(sums, co * tile.count, tile, target, firstOut + co, Math.min(PANEL, channelsOut - co));
    }
  }
}

/** The sums of up to 4 channels to the target. */
function store(sums: Float64Array, from: number, tile: Tile, target: Target, channel: number, wide: number): void {
  const { values, height, width, channels, row0, column0, rowStep, columnStep } = target;
  const { picture, row, column, count } = tile;
  for (let n = 0; n < count; n++) {
    const y = row[n]! * rowStep + row0;
    const x = column[n]! * columnStep + column0;
    const to = ((picture[n]! * height + y) * width + x) * channels + channel;
    for (let i = 0; i < wide; i++) values[to + i] = sums[from + n * PANEL + i]!;
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

/** Columns of the unfolded picture that are packed at a time for dfilter, where the channels allow it. */
const SLAB = 256;

/** Some of the filter's elements and input channels: the columns from `column` on, element by element. */
interface Slab {
  readonly grid: Grid;
  readonly element: number;
  readonly channel: number;
  readonly channels: number;
  readonly column: number;
  readonly columns: number;
}

/** Slabs of at most SLAB columns, which together are all elements of the filter and all channels. */
function slabsOf(grid: Grid, channels: number): Slab[] {
  const slabs: Slab[] = [];
  let column = 0;
  for (let channel = 0; channel < channels; channel += SLAB) {
    const wide = Math.min(SLAB, channels - channel);
    const elements = Math.floor(SLAB / wide);
    for (let element = 0; element * 2 < grid.taps.length; element += elements) {
      const taps = grid.taps.subarray(element * 2, (element + elements) * 2);
      const columns = (taps.length >> 1) * wide;
      slabs.push({ grid: { ...grid, taps }, element, channel, channels: wide, column, columns });
      column += columns;
    }
  }
  return slabs;
}

/** dfilter of one group from sums [co / 4][column][4]. */
function storeFilter(sums: Float64Array, slabs: Slab[], columns: number, groupIn: number, groupOut: number, dfilter: Float32Array,
  outChannels: number, firstOut: number): void {
  for (const { element, channel, channels, column, columns: own } of slabs) {
    for (let i = 0; i < own; i++) {
      const ci = channel + (i % channels);
      const to = ((element + Math.floor(i / channels)) * groupIn + ci) * outChannels + firstOut;
      for (let co = 0; co < groupOut; co++) dfilter[to + co] = sums[((co >> 2) * columns + column + i) * PANEL + (co & 3)]!;
    }
  }
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
    const source = { values: x!, height: g.inHeight, width: g.inWidth, channels: g.inChannels };
    const grid = outputGrid(g);
    const places = g.batch * g.outHeight * g.outWidth;
    const tile = new Tile(Math.min(DEPTH / 2, places));
    const slabs = slabsOf(grid, groupIn);
    const columns = (grid.taps.length >> 1) * groupIn;
    const sums = workspace('sums', Math.ceil(groupOut / PANEL) * PANEL * columns);
    const packedX = workspace('columns', (tile.most + PANEL) * SLAB);
    const packedDy = workspace('weights', (tile.most + PANEL) * (groupOut + PANEL));
    for (let group = 0; group < g.groups; group++) {
      sums.fill(0, 0, Math.ceil(groupOut / PANEL) * PANEL * columns);
      for (let first = 0; first < places; first += tile.most) {
        tile.locate(grid, first, Math.min(tile.most, places - first));
        const deep = Math.ceil(tile.count / PANEL);
        for (let co = 0; co < groupOut; co += PANEL) {
          const start = first * g.outChannels + group * groupOut + co;
          packRows(dy!, start, 1, g.outChannels, Math.min(PANEL, groupOut - co), tile.count, packedDy, co * deep * PANEL);
        }
        for (const slab of slabs) {
          gatherDepth(source, slab.grid, tile, group * groupIn + slab.channel, slab.channels, packedX);
          for (let co = 0; co < groupOut; co += PANEL) {
            multiplyPanel(packedDy, co * deep * PANEL, packedX, 0, sums, co * columns + slab.column * PANEL, deep, slab.columns);
          }
        }
      }
      storeFilter(sums, slabs, columns, groupIn, groupOut, dfilter!, g.outChannels, group * groupOut);
    }
  },

  dbias({ dy }, { dbias }, g) {
    columnSums(dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
