/**
 * Unfolding of a picture, a tile of places at a time, for the matrix products of the `cpu` kernels.
 * A place looks at `taps` pixels of the source; one outside the picture is 0.
 */
import type { WindowGeometry } from '../../geometry.js';

/** The pictures that are read: [batch, height, width, channels]. */
export interface Source {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Where the places of one picture are, and which pixels each sees. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the source from one place to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Row and column of each pixel a place sees, from the place's own: [row, column, row, column, ...]. */
  readonly taps: Int32Array;
}

/** The grid of a forward pass: y's pixels over x. */
export function outputGrid(g: WindowGeometry): Grid {
  const taps = new Int32Array(2 * g.filterHeight * g.filterWidth);
  let at = 0;
  for (let ky = 0; ky < g.filterHeight; ky++) {
    for (let kx = 0; kx < g.filterWidth; kx++) {
      taps[at++] = ky * g.dilationHeight - g.padTop;
      taps[at++] = kx * g.dilationWidth - g.padLeft;
    }
  }
  return { rows: g.outHeight, columns: g.outWidth, rowStep: g.strideHeight, columnStep: g.strideWidth, taps };
}

/** A run of places, in the order batch, row, column. */
export class Tile {
  count = 0;
  /** Per place: the picture's number, its row and column in the grid. */
  readonly picture: Int32Array;
  readonly row: Int32Array;
  readonly column: Int32Array;

  constructor(readonly most: number) {
    this.picture = new Int32Array(most);
    this.row = new Int32Array(most);
    this.column = new Int32Array(most);
  }

  /** Moves to `count` places from number `first`. */
  locate(grid: Grid, first: number, count: number): void {
    this.count = count;
    let column = first % grid.columns;
    let row = Math.floor(first / grid.columns) % grid.rows;
    let picture = Math.floor(first / (grid.columns * grid.rows));
    for (let n = 0; n < count; n++) {
      this.picture[n] = picture;
      this.row[n] = row;
      this.column[n] = column;
      if (++column === grid.columns) {
        column = 0;
        if (++row === grid.rows) {
          row = 0;
          picture++;
        }
      }
    }
  }
}

/**
 * Packs what the places see as columns of depth k = tap * channels + channel: [depth / 4][places][4], zeros
 * where depth ends. Channels are `channels` from `firstChannel`. Returns the blocks of depth.
 */
export function gatherColumns(source: Source, grid: Grid, tile: Tile, firstChannel: number, channels: number,
  packed: Float64Array): number {
  const { values, height, width } = source;
  const { count, picture, row, column } = tile;
  const { taps, rowStep, columnStep } = grid;
  const step = count * 4;
  const depth = (taps.length >> 1) * channels;
  const blocks = (depth + 3) >> 2;
  if (depth & 3) packed.fill(0, (blocks - 1) * step, blocks * step);
  for (let t = 0, k = 0; t < taps.length; t += 2, k += channels) {
    for (let n = 0; n < count; n++) {
      const y = row[n]! * rowStep + taps[t]!;
      const x = column[n]! * columnStep + taps[t + 1]!;
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      let from = ((picture[n]! * height + y) * width + x) * source.channels + firstChannel;
      if ((channels & 3) !== 0) {
        for (let i = k; i < k + channels; i++, from++) packed[(i >> 2) * step + n * 4 + (i & 3)] = inside ? values[from]! : 0;
        continue;
      }
      let to = (k >> 2) * step + n * 4;
      const end = to + (channels >> 2) * step;
      if (inside) {
        for (; to < end; to += step, from += 4) {
          packed[to] = values[from]!;
          packed[to + 1] = values[from + 1]!;
          packed[to + 2] = values[from + 2]!;
          packed[to + 3] = values[from + 3]!;
        }
      } else {
        for (; to < end; to += step) packed.fill(0, to, to + 4);
      }
    }
  }
  return blocks;
}

/**
 * Packs the same numbers with the places as depth: [places / 4][k][4], zeros where places end. Returns the
 * blocks of places.
 */
export function gatherDepth(source: Source, grid: Grid, tile: Tile, firstChannel: number, channels: number,
  packed: Float64Array): number {
  const { values, height, width } = source;
  const { count, picture, row, column } = tile;
  const { taps, rowStep, columnStep } = grid;
  const columns = (taps.length >> 1) * channels;
  const blocks = (count + 3) >> 2;
  if (count & 3) packed.fill(0, (blocks - 1) * columns * 4, blocks * columns * 4);
  for (let n = 0; n < count; n++) {
    let to = (n >> 2) * columns * 4 + (n & 3);
    for (let t = 0; t < taps.length; t += 2) {
      const y = row[n]! * rowStep + taps[t]!;
      const x = column[n]! * columnStep + taps[t + 1]!;
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      const from = ((picture[n]! * height + y) * width + x) * source.channels + firstChannel;
      for (let i = 0; i < channels; i++, to += 4) packed[to] = inside ? values[from + i]! : 0;
    }
  }
  return blocks;
}
