import { GeometryError, type Pair, pair, type WindowGeometry, type WindowOptions, windowGeometry } from '../../geometry.js';
import { type PoolAxis, windowAxes } from './axis.js';

/** Options of the pools that slide a window. */
export interface PoolOptions extends WindowOptions {
  /** Height and width of the window. */
  size: Pair;
  /** Step of the window; default: size, so that windows neither overlap nor leave gaps. */
  strides?: Pair;
}

/**
 * The geometry of a pool over x [batch, height, width, channels].
 *
 * @throws GeometryError where no output is left, or a window would hold nothing but padding
 */
export function poolGeometry(op: string, xShape: readonly number[], options: PoolOptions): Readonly<WindowGeometry> {
  if (options?.size === undefined) {
    throw new GeometryError(`${op}: size must be a positive integer or two of them [height, width], got undefined`);
  }
  const size = pair(op, 'size', options.size);
  const geometry = windowGeometry(op, xShape, size, xShape[3], { ...options, strides: options.strides ?? size });
  const [rows, columns] = windowAxes(geometry);
  refuseEmpty(op, 'height', rows);
  refuseEmpty(op, 'width', columns);
  return geometry;
}

/** A maximum or a mean of nothing has no value. */
function refuseEmpty(op: string, what: string, axis: PoolAxis): void {
  const empty = axis.count.indexOf(0);
  if (empty < 0) return;
  throw new GeometryError(
    `${op}: window ${empty} along the ${what} of ${axis.size} holds nothing but padding; ` +
      'pads must be smaller than the window (PyTorch allows half of it)',
  );
}

/** Options of the pools that add up: their windows have no gaps. */
export type DensePoolOptions = Omit<PoolOptions, 'dilations'>;

/** @throws GeometryError where dilations came along from somewhere that does not check types */
export function refuseDilation(op: string, g: WindowGeometry): void {
  if (g.dilationHeight === 1 && g.dilationWidth === 1) return;
  throw new GeometryError(
    `${op}: dilations must be 1, got [${g.dilationHeight},${g.dilationWidth}]; only maxPool has dilated windows`,
  );
}
