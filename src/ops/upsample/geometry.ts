import { GeometryError, type Pair, pair } from '../../geometry.js';

/** How the pixels between are found. */
export type UpsampleMode = 'nearest' | 'bilinear';

/** Options of upsample2d; size or scale must be given. */
export interface UpsampleOptions {
  /** Height and width of the result. */
  size?: Pair;
  /** The result is so many times as high and wide, rounded down: a positive number, or two of them [height, width]. */
  scale?: number | readonly [number, number];
  /** 'nearest' (default) repeats pixels, 'bilinear' goes in straight lines from one to the next. */
  mode?: UpsampleMode;
  /** Bilinear only: the middles of the corners' pixels stay where they are, not the picture's edges; default false. */
  alignCorners?: boolean;
}

/**
 * One axis as a sparse matrix: output o is the sum over k < count[o] of weights[offset[o] + k] times input
 * first[o] + k.
 */
export interface Resampling {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly offset: Int32Array;
  readonly weights: Float64Array;
}

/** Sizes of x and y, and how each axis of y is made of that of x. */
export interface UpsampleGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly mode: UpsampleMode;
  readonly alignCorners: boolean;
  /** Along height and width, pixels of x for one of y: as numerator and denominator, so that whole positions are exact. */
  readonly steps: readonly [readonly [number, number], readonly [number, number]];
}

type Step = readonly [numerator: number, denominator: number];

/** Height and width of the result, and the steps that PyTorch takes: by the scale where that was given. */
function sizes(
  op: string,
  input: readonly [number, number],
  { size, scale }: UpsampleOptions,
): { out: [number, number]; steps: [Step, Step] } {
  if ((size === undefined) === (scale === undefined)) {
    throw new GeometryError(`${op}: size (of the result) or scale must be given, and not both`);
  }
  if (size !== undefined) {
    const out = pair(op, 'size', size);
    return { out, steps: [stepOf(input[0], out[0]), stepOf(input[1], out[1])] };
  }
  const both: readonly number[] = typeof scale === 'number' ? [scale, scale] : scale!;
  if (!Array.isArray(both) || both.length !== 2 || !both.every((value) => Number.isFinite(value) && value > 0)) {
    throw new GeometryError(
      `${op}: scale must be a positive number or two of them [height, width], got ${JSON.stringify(scale)}`,
    );
  }
  const out = input.map((count, i) => Math.floor(count * both[i]!)) as [number, number];
  if (out.some((count) => count < 1)) {
    throw new GeometryError(`${op}: no output is left: [${input}] times scale [${both}]`);
  }
  return { out, steps: [stepOf(input[0], out[0], both[0]), stepOf(input[1], out[1], both[1])] };
}

/** By the scale where there is one, but an axis that keeps its size is copied, as PyTorch does. */
function stepOf(size: number, out: number, scale?: number): Step {
  return scale === undefined || size === out ? [size, out] : [1, scale];
}

/**
 * The geometry of upsampling x [batch, height, width, channels].
 *
 * @throws GeometryError where x has another rank or no pixels, or the options give no size
 */
export function upsampleGeometry(op: string, xShape: readonly number[], options: UpsampleOptions): Readonly<UpsampleGeometry> {
  if (xShape.length !== 4) {
    throw new GeometryError(`${op}: x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  const [batch, inHeight, inWidth, channels] = xShape as [number, number, number, number];
  if (inHeight === 0 || inWidth === 0) {
    throw new GeometryError(`${op}: x must have at least one row and one column, got [${xShape}]`);
  }
  const { mode = 'nearest', alignCorners = false } = options ?? {};
  checkMode(op, mode, alignCorners);
  const { out, steps } = sizes(op, [inHeight, inWidth], options ?? {});
  return Object.freeze({ batch, inHeight, inWidth, channels, outHeight: out[0], outWidth: out[1], mode, alignCorners, steps });
}

/** @throws GeometryError where the mode, however the caller calls it, is unknown or takes no alignCorners */
export function checkMode(op: string, mode: string, alignCorners: boolean, argument = 'mode'): void {
  if (mode !== 'nearest' && mode !== 'bilinear') {
    throw new GeometryError(`${op}: ${argument} must be 'nearest' or 'bilinear', got '${mode}'`);
  }
  if (mode === 'nearest' && alignCorners) {
    throw new GeometryError(`${op}: alignCorners goes with ${argument} 'bilinear' only; leave it out`);
  }
}

/** Rows and columns of y as sums of those of x. */
export function resamplings(g: UpsampleGeometry): [Resampling, Resampling] {
  return [resampling(g, g.inHeight, g.outHeight, g.steps[0]), resampling(g, g.inWidth, g.outWidth, g.steps[1])];
}

function resampling({ mode, alignCorners }: UpsampleGeometry, size: number, out: number, [over, under]: Step): Resampling {
  const taps = Array.from({ length: out }, (_, o): [number, number[]] => {
    if (mode === 'nearest') return [Math.min(size - 1, Math.floor((o * over) / under)), [1]];
    const position = alignCorners ? (o * (size - 1)) / Math.max(1, out - 1) : Math.max(0, ((o + 0.5) * over) / under - 0.5);
    const before = Math.min(size - 1, Math.floor(position));
    return before === size - 1 ? [before, [1]] : [before, [1 - (position - before), position - before]];
  });
  return compressed(taps);
}

function compressed(taps: readonly (readonly [number, readonly number[]])[]): Resampling {
  const count = Int32Array.from(taps, ([, weights]) => weights.length);
  let end = 0;
  const offset = count.map((length) => {
    end += length;
    return end - length;
  });
  const first = Int32Array.from(taps, ([position]) => position);
  return { first, count, offset, weights: Float64Array.from(taps.flatMap(([, weights]) => weights)) };
}

/** The transposed matrix: by input position, the outputs it goes to. They are neighbours, for positions rise. */
export function transposedResampling({ first, count, offset, weights }: Resampling, size: number): Resampling {
  const taps = Array.from({ length: size }, (): [number, number[]] => [0, []]);
  for (let o = 0; o < first.length; o++) {
    for (let k = 0; k < count[o]!; k++) {
      const to = taps[first[o]! + k]!;
      if (to[1].length === 0) to[0] = o;
      to[1].push(weights[offset[o]! + k]!);
    }
  }
  return compressed(taps);
}
