import { positiveInteger } from '../checks.js';
import { resample, triangleShares } from './resample.js';

/** A picture as bytes, [height, width, channels]. */
export interface Picture {
  /** 0..255, rows from the top. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Scales a picture, keeping its proportions, so that it covers height x width, and cuts the middle out.
 *
 * Bilinear: each new pixel is a weighted mean under a triangle one (new or old, the larger) pixel to
 * either side, so that shrinking does not alias.
 * Source: Pillow's resize with BILINEAR, which torchvision's Resize and CenterCrop call.
 *
 * @param resize length in pixels that the shorter side is scaled to; default, and at least: so long that height x width just fit in
 */
export function resizeToCover(picture: Picture, height: number, width: number, resize?: number): Picture {
  const shorter = Math.min(picture.height, picture.width);
  const wanted = resize === undefined ? Infinity : shorter / positiveInteger('resizeToCover', 'resize', resize);
  const scale = Math.min(picture.height / height, picture.width / width, wanted);
  if (picture.height === height && picture.width === width && scale === 1) return picture;
  const rows = triangleShares(picture.height, height, scale, (picture.height - height * scale) / 2);
  const columns = triangleShares(picture.width, width, scale, (picture.width - width * scale) / 2);
  return resample(picture, rows, columns);
}
