import { add, mul, reshape, sum, type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
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

  protected onBatch(x: Tensor4D): Tensor4D {
    const { height, width } = this.size;
    const { places, weights, rest } = this.corners;
    const count = rest.length;
    const four = reshape(pickPixels(x, places, height, width * 4, []), [x.shape[0], count, 4, x.shape[3]]);
    const shares = tensor4d(
      Float32Array.from(weights, (weight) => weight / ONE),
      [1, count, 4, 1],
    );
    const inside = reshape(sum(mul(four, shares), 2), [x.shape[0], height, width, x.shape[3]]) as Tensor4D;
    if (!rest.some((weight) => weight > 0)) return inside;
    const outside = tensor4d(
      Float32Array.from(rest, (weight) => weight / ONE),
      [1, height, width, 1],
    );
    return add(inside, mul(outside, fillTensor(this.fill)));
  }
}

function fillTensor(fill: readonly number[]): Tensor4D {
  return tensor4d(fill as number[], [1, 1, 1, fill.length]);
}
