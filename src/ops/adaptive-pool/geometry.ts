import { GeometryError, type Pair, pair } from '../../geometry.js';
import type { DividedAxes, DividedAxis, PoolSizes } from '../pool/axis.js';

/** Options of adaptive pooling. */
export interface AdaptivePoolOptions {
  /** Height and width of the result, whatever those of x are. */
  outputSize: Pair;
}

/** Geometry of adaptive and of global pooling: bins that cover the picture. */
export interface AdaptivePoolGeometry extends PoolSizes {
  readonly outChannels: number;
}

/**
 * The geometry of an adaptive pool over x [batch, height, width, channels].
 *
 * @throws GeometryError where x has another rank or nothing in it to pool
 */
export function adaptivePoolGeometry(
  op: string,
  xShape: readonly number[],
  options: AdaptivePoolOptions,
): Readonly<AdaptivePoolGeometry> {
  if (xShape.length !== 4) {
    throw new GeometryError(`${op}: x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  const [batch, inHeight, inWidth, inChannels] = xShape;
  if (inHeight === 0 || inWidth === 0) {
    throw new GeometryError(`${op}: x must have at least one row and one column, got [${xShape}]`);
  }
  const [outHeight, outWidth] = pair(op, 'outputSize', options?.outputSize);
  return Object.freeze({ batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels: inChannels });
}

/** The axes of adaptive bins, with what they are divided by: the pixels in them. */
export function adaptiveAxes(g: PoolSizes): DividedAxes {
  return [bins(g.inHeight, g.outHeight), bins(g.inWidth, g.outWidth)];
}

/** Bin o is [floor(o * size / out), ceil((o + 1) * size / out)): bins may overlap, none is empty. */
function bins(size: number, out: number): DividedAxis {
  const first = Int32Array.from({ length: out }, (_, o) => Math.floor((o * size) / out));
  const count = first.map((begin, o) => Math.ceil(((o + 1) * size) / out) - begin);
  return { size, first, count, step: 1, divisor: count };
}
