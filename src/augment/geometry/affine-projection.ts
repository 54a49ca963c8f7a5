import type { Projection } from '../primitives/coordinates.js';
import { sinCos } from '../primitives/turn.js';

/** What an affine map does with a picture, in this order: shears, turns and scales it about the centre, moves it. */
export interface AffineParameters {
  /** Degrees, clockwise. */
  readonly angle: number;
  /** Pixels [right, down]. */
  readonly translate: readonly [number, number];
  /** More than 1 enlarges. */
  readonly scale: number;
  /** Degrees [along x, along y]. */
  readonly shear: readonly [number, number];
  /** Pixels [x, y] from the picture's middle. */
  readonly centre: readonly [number, number];
}

/** [xx, xy, x1, yx, yy, y1]: about the middles of pictures, the place in the picture of a place in the result. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/**
 * The inverse of T C R(angle) S(scale) SHy(shear y) SHx(shear x) C^-1, with T the translation and C the centre's.
 * Source: torchvision's _get_inverse_affine_matrix.
 */
export function inverseAffine({ angle, translate, scale, shear, centre }: AffineParameters): AffineMatrix {
  const turn = sinCos(angle);
  const alongX = sinCos(shear[0]);
  const alongY = sinCos(shear[1]);
  const turned = sinCos(angle - shear[1]);
  const a = turned.cos / alongY.cos;
  const c = turned.sin / alongY.cos;
  const tan = alongX.sin / alongX.cos;
  const b = -(a * tan + turn.sin);
  const d = turn.cos - c * tan;
  const [xx, xy, yx, yy] = [d / scale, -b / scale, -c / scale, a / scale];
  const [x, y] = [centre[0] + translate[0], centre[1] + translate[1]];
  return [xx, xy, centre[0] - xx * x - xy * y, yx, yy, centre[1] - yx * x - yy * y];
}

/** The same, counted from upper left corners: of a result of outHeight x outWidth from a picture of height x width. */
export function aboutCorners(
  [xx, xy, x1, yx, yy, y1]: AffineMatrix,
  size: { readonly height: number; readonly width: number },
  out: { readonly height: number; readonly width: number } = size,
): Projection {
  const x = x1 + size.width / 2 - (xx * out.width + xy * out.height) / 2;
  const y = y1 + size.height / 2 - (yx * out.width + yy * out.height) / 2;
  return [xx, xy, x, yx, yy, y, 0, 0, 1];
}
