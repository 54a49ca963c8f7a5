import type { WindowGeometry } from '../../geometry.js';

/** What all pools know of their sizes: windows of [inHeight, inWidth] give [outHeight, outWidth]. */
export interface PoolSizes {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Height or width of a pool: which input positions each output looks at, clipped to the picture. */
export interface PoolAxis {
  /** Number of input positions. */
  readonly size: number;
  /** By output: its first position. */
  readonly first: Int32Array;
  /** By output: how many positions, `step` apart. */
  readonly count: Int32Array;
  readonly step: number;
}

/** Rows and columns of a pool. */
export type PoolAxes = readonly [PoolAxis, PoolAxis];

/** The axes of a window that slides. */
export function windowAxes(g: WindowGeometry): PoolAxes {
  return [
    windowAxis(g.inHeight, g.outHeight, g.filterHeight, g.strideHeight, g.dilationHeight, g.padTop),
    windowAxis(g.inWidth, g.outWidth, g.filterWidth, g.strideWidth, g.dilationWidth, g.padLeft),
  ];
}

function windowAxis(size: number, out: number, window: number, stride: number, step: number, pad: number): PoolAxis {
  const first = new Int32Array(out);
  const count = new Int32Array(out);
  for (let o = 0; o < out; o++) {
    const start = o * stride - pad;
    const before = start < 0 ? Math.ceil(-start / step) : 0;
    const until = Math.min(window, Math.ceil((size - start) / step));
    first[o] = start + before * step;
    count[o] = Math.max(0, until - before);
  }
  return { size, first, count, step };
}

/** Axes of a pool that adds up: by output, also what the sum is divided by. */
export interface DividedAxis extends PoolAxis {
  readonly divisor: Int32Array;
}

/** Rows and columns of a pool that divides. */
export type DividedAxes = readonly [DividedAxis, DividedAxis];

/** The same pairs of positions seen from the input: which outputs look at each position. Only without dilation. */
export function transposed({ size, first, count }: PoolAxis): PoolAxis {
  const from = new Int32Array(size);
  const seen = new Int32Array(size);
  // First positions and ends grow with o, so the outputs that look at one position are neighbours.
  for (let o = 0; o < first.length; o++) {
    for (let i = first[o]; i < first[o] + count[o]; i++) {
      if (seen[i] === 0) from[i] = o;
      seen[i]++;
    }
  }
  return { size: first.length, first: from, count: seen, step: 1 };
}
