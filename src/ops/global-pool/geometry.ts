import { type AdaptivePoolGeometry, adaptivePoolGeometry } from '../adaptive-pool/geometry.js';

/** Options of global pooling. */
export interface GlobalPoolOptions {
  /** Return [batch, 1, 1, channels] instead of [batch, channels]; default false. */
  keepDims?: boolean;
}

/** Geometry of global pooling: one bin, the picture. */
export interface GlobalPoolGeometry extends AdaptivePoolGeometry {
  readonly keepDims: boolean;
}

export function globalPoolGeometry(
  op: string,
  xShape: readonly number[],
  options: GlobalPoolOptions,
): Readonly<GlobalPoolGeometry> {
  return Object.freeze({ ...adaptivePoolGeometry(op, xShape, { outputSize: 1 }), keepDims: options.keepDims ?? false });
}

/** Shape of the result, with or without the two sizes of 1. */
export function globalPoolShape(g: GlobalPoolGeometry): number[] {
  return g.keepDims ? [g.batch, 1, 1, g.outChannels] : [g.batch, g.outChannels];
}
