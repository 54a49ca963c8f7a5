import { add, addN, mul, split, type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { BatchOperation } from '../operation.js';
import type { Operation, PictureSize } from '../transform.js';
import type { Coordinates } from './coordinates.js';
import { type Corners, cornersOf, nearestOf, ONE } from './corners.js';
import { pickPixels } from './pick-pixels.js';

/** The nearest pixel, or the mean of the four around, weighed by their distances. */
export type Interpolation = 'nearest' | 'bilinear';

/** Both of them. */
export const interpolations: readonly Interpolation[] = ['nearest', 'bilinear'];

/**
 * Every pixel of the result from its coordinates in a picture of that size: all warps. What of it lies outside of the picture is
 * the fill, one grey level a channel.
 */
export function sampling(at: Coordinates, size: PictureSize, interpolation: Interpolation, fill: readonly number[]): Operation {
  return interpolation === 'nearest'
    ? new SampleNearest(nearestOf(at, size), at, fill)
    : new SampleBilinear(cornersOf(at, size), at, fill);
}

type OutSize = Pick<PictureSize, 'height' | 'width'>;

class SampleNearest extends BatchOperation {
  constructor(
    private readonly places: Int32Array,
    private readonly size: OutSize,
    private readonly fill: readonly number[],
  ) {
    super();
  }

  onPicture({ pixels, channels }: Picture): Picture {
    const { places } = this;
    const fill = Uint8ClampedArray.from(this.fill);
    const to = new Uint8Array(places.length * channels);
    for (let i = 0, at = 0; i < places.length; i++) {
      const place = places[i]!;
      for (let c = 0; c < channels; c++) to[at++] = place < 0 ? fill[c]! : pixels[place * channels + c]!;
    }
    return { pixels: to, height: this.size.height, width: this.size.width, channels };
  }

  protected onBatch(x: Tensor4D): Tensor4D {
    return pickPixels(x, this.places, this.size.height, this.size.width, this.fill);
  }
}

/** Weights are whole 65536ths: sums of bytes under them are exact in float32, in whatever order a backend adds. */
class SampleBilinear extends BatchOperation {
  constructor(
    private readonly corners: Corners,
    private readonly size: OutSize,
    private readonly fill: readonly number[],
  ) {
    super();
  }

  onPicture({ pixels, channels }: Picture): Picture {
    const { places, weights, rest } = this.corners;
    const count = rest.length;
    const to = new Uint8ClampedArray(count * channels);
    for (let i = 0, at = 0; i < count; i++) {
      const k = 4 * i;
      const [a, b, c, d] = [
        places[k]! * channels,
        places[k + 1]! * channels,
        places[k + 2]! * channels,
        places[k + 3]! * channels,
      ];
      const [wa, wb, wc, wd] = [weights[k]!, weights[k + 1]!, weights[k + 2]!, weights[k + 3]!];
      for (let channel = 0; channel < channels; channel++, at++) {
        const sum = wa * pixels[a + channel]! + wb * pixels[b + channel]! + wc * pixels[c + channel]! + wd * pixels[d + channel]!;
        to[at] = rest[i] === 0 ? (sum + ONE / 2) >> 16 : Math.floor((sum + rest[i]! * this.fill[channel]!) / ONE + 0.5);
      }
    }
    const { height, width } = this.size;
    return { pixels: new Uint8Array(to.buffer), height, width, channels };
  }

  /** Corner by corner, with weights that have the results' shape: no backend has to spread or transpose anything. */
  protected onBatch(x: Tensor4D): Tensor4D {
    const { height, width } = this.size;
    const { places, weights, rest } = this.corners;
    const channels = x.shape[3];
    const count = rest.length;
    const byCorner = new Int32Array(4 * count);
    const shares = new Float32Array(4 * count * channels);
    const outside = new Float32Array(count * channels);
    for (let i = 0; i < count; i++) {
      for (let corner = 0; corner < 4; corner++) {
        const to = corner * count + i;
        byCorner[to] = places[4 * i + corner]!;
        shares.fill(weights[4 * i + corner]! / ONE, to * channels, (to + 1) * channels);
      }
      for (let c = 0; c < channels; c++) outside[i * channels + c] = (rest[i]! / ONE) * this.fill[c]!;
    }
    const four = mul(pickPixels(x, byCorner, 4 * height, width, []), tensor4d(shares, [1, 4 * height, width, channels]));
    const inside = addN(split(four, 4, 1) as Tensor4D[]);
    return rest.some((weight) => weight > 0) ? add(inside, tensor4d(outside, [1, height, width, channels])) : inside;
  }
}
