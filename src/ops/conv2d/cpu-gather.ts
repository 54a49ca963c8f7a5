/**
 * Unfolding of a picture, a tile of places at a time, for the matrix products of the `cpu` kernels. A place
 * is a pixel of the result; it sees a window of the source, whose pixels outside the picture are 0.
 */

/** The pictures that are read: [batch, height, width, channels]. */
export interface Source {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Where the places of one picture are. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the source from one place to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
}

/** One pixel of a window, from the place's own. */
export interface Tap {
  readonly row: number;
  readonly column: number;
}

/** Pixels of a window that lie side by side: `pixels` from (row, column) on. */
interface Run extends Tap {
  pixels: number;
}

/** What a place sees, in which order: by tap, then by `channels` channels from `firstChannel`. */
export interface Window {
  readonly runs: readonly Run[];
  readonly firstChannel: number;
  readonly channels: number;
  /** Numbers in all. */
  readonly size: number;
}

/** A window over some channels; where it takes all, pixels that lie side by side are one run of numbers. */
export function windowOf(taps: readonly Tap[], firstChannel: number, channels: number, source: Source): Window {
  const runs: Run[] = [];
  for (const { row, column } of taps) {
    const last = runs.at(-1);
    if (last && channels === source.channels && last.row === row && last.column + last.pixels === column) last.pixels++;
    else runs.push({ row, column, pixels: 1 });
  }
  return { runs, firstChannel, channels, size: taps.length * channels };
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
 * Packs what the places see as columns of depth k, k counting through the window: [size / 4][places][4], zeros
 * where the depth ends.
 */
export function gatherColumns(source: Source, grid: Grid, window: Window, tile: Tile, packed: Float64Array): void {
  const { values, height, width } = source;
  const { channels, firstChannel, size } = window;
  const { count, picture, row, column } = tile;
  const step = count * 4;
  if (size & 3) packed.fill(0, (size >> 2) * step, ((size >> 2) + 1) * step);
  const fours = (channels & 3) === 0;
  let k = 0;
  for (const run of window.runs) {
    const length = run.pixels * channels;
    for (let n = 0; n < count; n++) {
      const y = row[n]! * grid.rowStep + run.row;
      const x = column[n]! * grid.columnStep + run.column;
      // Of the run's numbers, those from `low` to `high` lie in the picture.
      const inside = y >= 0 && y < height;
      const low = inside && x < 0 ? -x * channels : 0;
      const high = inside ? (width - x < run.pixels ? (width - x) * channels : length) : 0;
      const from = ((picture[n]! * height + y) * width + x) * source.channels + firstChannel;
      let to = (k >> 2) * step + n * 4 + (k & 3);
      if (fours) {
        for (let i = 0; i < length; i += 4, to += step) {
          if (i >= low && i < high) {
            packed[to] = values[from + i]!;
            packed[to + 1] = values[from + i + 1]!;
            packed[to + 2] = values[from + i + 2]!;
            packed[to + 3] = values[from + i + 3]!;
          } else {
            packed[to] = 0;
            packed[to + 1] = 0;
            packed[to + 2] = 0;
            packed[to + 3] = 0;
          }
        }
      } else {
        for (let i = 0; i < length; i++) {
          packed[to] = i >= low && i < high ? values[from + i]! : 0;
          to += ((k + i) & 3) === 3 ? step - 3 : 1;
        }
      }
    }
    k += length;
  }
}

/** Packs the same numbers with the places as depth: [places / 4][k][4], zeros where the places end. */
export function gatherDepth(source: Source, grid: Grid, window: Window, tile: Tile, packed: Float64Array): void {
  const { values, height, width } = source;
  const { channels, firstChannel } = window;
  const { count, picture, row, column } = tile;
  const step = window.size * 4;
  if (count & 3) packed.fill(0, (count >> 2) * step, ((count >> 2) + 1) * step);
  let k = 0;
  for (const run of window.runs) {
    const length = run.pixels * channels;
    for (let n = 0; n < count; n++) {
      const y = row[n]! * grid.rowStep + run.row;
      const x = column[n]! * grid.columnStep + run.column;
      const inside = y >= 0 && y < height;
      const low = inside && x < 0 ? -x * channels : 0;
      const high = inside ? (width - x < run.pixels ? (width - x) * channels : length) : 0;
      const from = ((picture[n]! * height + y) * width + x) * source.channels + firstChannel;
      let to = (n >> 2) * step + k * 4 + (n & 3);
      for (let i = 0; i < length; i++, to += 4) packed[to] = i >= low && i < high ? values[from + i]! : 0;
    }
    k += length;
  }
}
