import type { WindowGeometry } from '../../geometry.js';
import { type DividedAxes, type DividedAxis, type PoolAxis, windowAxes } from '../pool/axis.js';
import { type DensePoolOptions, poolGeometry, refuseDilation } from '../pool/geometry.js';

/** Options of average pooling. */
export interface AvgPoolOptions extends DensePoolOptions {
  /**
   * Divide by the size of the window with the padding that lies in it (PyTorch's default), or by the
   * number of pixels in it (tfjs, Keras)? Default: false for pads 'same' and 'valid', true for explicit pads.
   */
  countIncludePad?: boolean;
}

/** Geometry of average pooling. */
export interface AvgPoolGeometry extends WindowGeometry {
  readonly countIncludePad: boolean;
}

export function avgPoolGeometry(xShape: readonly number[], options: AvgPoolOptions): Readonly<AvgPoolGeometry> {
  const geometry = poolGeometry('avgPool', xShape, options);
  refuseDilation('avgPool', geometry);
  const explicit = options.pads !== undefined && typeof options.pads !== 'string';
  return Object.freeze({ ...geometry, countIncludePad: options.countIncludePad ?? explicit });
}

/** The axes, with what each window is divided by: height times width of what counts. */
export function averagingAxes(g: AvgPoolGeometry): DividedAxes {
  const [rows, columns] = windowAxes(g);
  return [
    divided(rows, g.countIncludePad, g.outHeight, g.filterHeight, g.strideHeight, g.padTop, g.padBottom),
    divided(columns, g.countIncludePad, g.outWidth, g.filterWidth, g.strideWidth, g.padLeft, g.padRight),
  ];
}

/** A window of ceil mode that leaves even the padding counts what lies within the padding only. */
function divided(
  axis: PoolAxis,
  countIncludePad: boolean,
  out: number,
  window: number,
  stride: number,
  before: number,
  after: number,
): DividedAxis {
  if (!countIncludePad) return { ...axis, divisor: axis.count };
  const end = before + axis.size + after;
  return { ...axis, divisor: Int32Array.from({ length: out }, (_, o) => Math.min(window, end - o * stride)) };
}
