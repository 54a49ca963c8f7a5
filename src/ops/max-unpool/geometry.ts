import { GeometryError, type Pair, pair } from '../../geometry.js';

/** Sizes of max unpooling: values of [inHeight, inWidth] go to places of [outHeight, outWidth]. */
export interface MaxUnpoolGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Where the values go: give outputSize, or the pool that is to be undone. */
export interface MaxUnpoolOptions {
  /** Height and width of the result: those of the picture that was pooled. */
  outputSize?: Pair;
  /** Window of the pool; the result is then the smallest picture that it pools to the size of x, without padding. */
  size?: Pair;
  /** Strides of the pool; default: size. */
  strides?: Pair;
  /** Pads of the pool, the same on both sides: a number, or [height, width]; default 0. */
  pads?: number | readonly [number, number];
}

/** Largest picture whose places float32 can number. */
const MOST_PLACES = 2 ** 24;

/** @throws GeometryError where a picture has more places than float32 can number */
export function checkPlaces(op: string, height: number, width: number): void {
  if (height * width > MOST_PLACES) {
    throw new GeometryError(
      `${op}: switches are float32, which number ${MOST_PLACES} places of a picture at most, got ${height} x ${width}; cut it`,
    );
  }
}

/**
 * Height and width of the result for x of [height, width].
 *
 * @throws GeometryError where the options give no size
 */
export function unpooledSize(op: string, input: readonly [number, number], options: MaxUnpoolOptions): [number, number] {
  const { outputSize, size, strides, pads = 0 } = options ?? {};
  if (outputSize !== undefined) {
    if (size !== undefined) {
      throw new GeometryError(`${op}: outputSize and size both say how large the result is; give one`);
    }
    return pair(op, 'outputSize', outputSize);
  }
  if (size === undefined) {
    throw new GeometryError(`${op}: outputSize must be given, or size (strides, pads) of the pool that is to be undone`);
  }
  const window = pair(op, 'size', size);
  const steps = pair(op, 'strides', strides ?? window);
  const sides: readonly number[] = typeof pads === 'number' ? [pads, pads] : pads;
  if (!Array.isArray(sides) || sides.length !== 2 || !sides.every((pad) => Number.isInteger(pad) && pad >= 0)) {
    throw new GeometryError(
      `${op}: pads must be a non-negative integer or two of them [height, width], got ${JSON.stringify(pads)}`,
    );
  }
  const out = input.map((count, i) => (count - 1) * steps[i]! + window[i]! - 2 * sides[i]!) as [number, number];
  if (out.some((count) => count < 1)) {
    throw new GeometryError(
      `${op}: no output is left: [${input}] with size [${window}] and strides [${steps}] less pads [${sides}]`,
    );
  }
  return out;
}

/**
 * The geometry of unpooling x [batch, height, width, channels] with switches of the same shape.
 *
 * @throws GeometryError where the shapes differ or the options give no size
 */
export function maxUnpoolGeometry(
  xShape: readonly number[],
  switchesShape: readonly number[],
  options: MaxUnpoolOptions,
): Readonly<MaxUnpoolGeometry> {
  const op = 'maxUnpool2d';
  if (xShape.length !== 4) {
    throw new GeometryError(`${op}: x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  if (`${switchesShape}` !== `${xShape}`) {
    throw new GeometryError(`${op}: switches must have the shape of x [${xShape}], got [${switchesShape}]`);
  }
  const [batch, inHeight, inWidth, channels] = xShape as [number, number, number, number];
  const [outHeight, outWidth] = unpooledSize(op, [inHeight, inWidth], options);
  checkPlaces(op, outHeight, outWidth);
  return Object.freeze({ batch, inHeight, inWidth, channels, outHeight, outWidth });
}
