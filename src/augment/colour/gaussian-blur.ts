/** Pictures blurred. */
import { add, depthwiseConv2d, floor, mirrorPad, type Tensor4D, tensor4d, tile } from '@tensorflow/tfjs-core';
import { positiveNumber, refuse } from '../../checks.js';
import type { Picture } from '../../data/resize.js';
import { GeometryError, type Pair } from '../../geometry.js';
import { drawBetween } from '../draws.js';
import { range } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { wholeWeights } from './exact.js';
import { LevelOperation } from './level-operation.js';

/** Options of GaussianBlur. */
export interface GaussianBlurOptions {
  /** Odd height and width of the neighbourhood: one number, or [height, width]. */
  kernelSize: Pair;
  /** Deviation in pixels, or [lowest, highest] of it; default [0.1, 2]. */
  sigma?: number | readonly [number, number];
}

/** Binary digits of the weights along rows, of what comes out between, and of the weights along columns: 24 with a byte's 8. */
const ROW_BITS = 14;
const BETWEEN_BITS = 4;
const COLUMN_BITS = 12;

class Blur extends LevelOperation {
  /**
   * @param across weights along rows, in whole 2^-14
   * @param down   weights along columns, in whole 2^-12
   */
  constructor(
    private readonly across: Int32Array,
    private readonly down: Int32Array,
  ) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const { pixels, height, width, channels } = picture;
    const { across, down } = this;
    const row = width * channels;
    const columns = reflected(width, across.length >> 1);
    const wide = new Uint16Array(columns.length * channels);
    const between = new Uint16Array(pixels.length);
    const sums = new Int32Array(row);
    const drop = ROW_BITS - BETWEEN_BITS;
    for (let y = 0; y < height; y++) {
      for (let x = 0, to = 0; x < columns.length; x++) {
        const from = y * row + columns[x]! * channels;
        for (let c = 0; c < channels; c++) wide[to++] = pixels[from + c]!;
      }
      sums.fill(1 << (drop - 1));
      for (let k = 0; k < across.length; k++) addWeighed(sums, across[k]!, wide, k * channels);
      for (let i = 0; i < row; i++) between[y * row + i] = sums[i]! >> drop;
    }
    const rows = reflected(height, down.length >> 1);
    const changed = new Uint8Array(pixels.length);
    const last = BETWEEN_BITS + COLUMN_BITS;
    for (let y = 0; y < height; y++) {
      sums.fill(1 << (last - 1));
      for (let k = 0; k < down.length; k++) addWeighed(sums, down[k]!, between, rows[y + k]! * row);
      for (let i = 0; i < row; i++) changed[y * row + i] = sums[i]! >> last;
    }
    return { ...picture, pixels: changed };
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    const between = weighed(x, this.across, 2, 2 ** (BETWEEN_BITS - ROW_BITS));
    return weighed(between, this.down, 1, 2 ** -(BETWEEN_BITS + COLUMN_BITS));
  }
}

/** sums += weight times the numbers from there on. */
function addWeighed(sums: Int32Array, weight: number, values: Uint16Array, from: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += weight * values[from + i]!;
}

/** Sums under the weights along one axis, times scale, to the nearest whole number. */
function weighed(x: Tensor4D, weights: Int32Array, axis: 1 | 2, scale: number): Tensor4D {
  const reach = weights.length >> 1;
  const sides = (of: 1 | 2): [number, number] => (of === axis ? [reach, reach] : [0, 0]);
  const padded = mirrorPad(x, [[0, 0], sides(1), sides(2), [0, 0]], 'reflect');
  const filter = tensor4d(
    Float32Array.from(weights, (weight) => weight * scale),
    axis === 1 ? [weights.length, 1, 1, 1] : [1, weights.length, 1, 1],
  );
  return floor(add(depthwiseConv2d(padded, tile(filter, [1, 1, x.shape[3], 1]), 1, 'valid'), 0.5));
}

/** Places -reach .. size - 1 + reach, those outside mirrored at the first and the last. */
function reflected(size: number, reach: number): Int32Array {
  const places = new Int32Array(size + 2 * reach);
  for (let i = 0; i < places.length; i++) {
    const place = i < reach ? reach - i : i - reach;
    places[i] = place < size ? place : 2 * (size - 1) - place;
  }
  return places;
}

function oddSizes(where: string, kernelSize: unknown): readonly [number, number] {
  const pair = Array.isArray(kernelSize) ? kernelSize : [kernelSize, kernelSize];
  const fits = pair.length === 2 && pair.every((size) => Number.isInteger(size) && size > 0 && size % 2 === 1);
  return fits
    ? (pair as [number, number])
    : refuse(where, 'kernelSize', 'an odd positive integer, or two, [height, width]', kernelSize);
}

function bell(size: number, sigma: number, one: number): Int32Array {
  const heights = Array.from({ length: size }, (_, i) => Math.exp(-(((i - (size - 1) / 2) / sigma) ** 2) / 2));
  const total = heights.reduce((sum, height) => sum + height, 0);
  return wholeWeights(
    heights.map((height) => height / total),
    one,
  );
}

function blur(where: string, size: PictureSize, kernel: readonly [number, number], sigma: readonly [number, number]): Operation {
  const [height, width] = kernel;
  if (height >= 2 * size.height || width >= 2 * size.width) {
    throw new GeometryError(
      `${where}: kernelSize must be at most [${2 * size.height - 1}, ${2 * size.width - 1}] for pictures of ` +
        `${size.height} x ${size.width}, whose borders are mirrored, got [${height}, ${width}]`,
    );
  }
  return new Blur(bell(width, sigma[1], 2 ** ROW_BITS), bell(height, sigma[0], 2 ** COLUMN_BITS));
}

/**
 * Every pixel the mean of its neighbourhood under a bell, to the nearest level; borders are mirrored without repeating the edge.
 * First along rows, to the nearest 1/16, then along columns, with weights in whole 2^-14 and 2^-12.
 * Source: torchvision's gaussian_blur of uint8.
 *
 * @param kernelSize odd height and width of the neighbourhood, less than twice the picture's
 * @param sigma      deviation in pixels, or [down, across]; default 0.15 kernelSize + 0.35
 * @throws ArgumentError for an even kernelSize or a sigma that is not above 0, GeometryError where the picture is too small
 */
export function gaussianBlur<X extends Pixels>(x: X, kernelSize: Pair, sigma?: Pair): X {
  const kernel = oddSizes('gaussianBlur', kernelSize);
  const [down, across] = typeof sigma === 'number' ? [sigma, sigma] : (sigma ?? kernel.map((size) => 0.15 * size + 0.35));
  const deviations = [positiveNumber('gaussianBlur', 'sigma', down), positiveNumber('gaussianBlur', 'sigma', across)] as const;
  return applied('gaussianBlur', x, (size) => blur('gaussianBlur', size, kernel, deviations));
}

/** gaussianBlur by a random deviation, the same down and across. Draws one number. */
export class GaussianBlur extends PictureTransform<Required<GaussianBlurOptions>> {
  static readonly className: string = 'GaussianBlur';
  private readonly kernel: readonly [number, number];
  private readonly sigma: readonly [number, number];

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: GaussianBlurOptions) {
    const { kernelSize, sigma = [0.1, 2] } = options ?? {};
    const kernel = oddSizes('GaussianBlur', kernelSize);
    const [low, high] = range('GaussianBlur', 'sigma', typeof sigma === 'number' ? [sigma, sigma] : sigma);
    positiveNumber('GaussianBlur', 'sigma', low);
    super({ kernelSize: kernel, sigma: [low, high] }, options);
    this.kernel = kernel;
    this.sigma = [low, high];
  }

  draw(random: Random, size: PictureSize): Operation {
    const sigma = drawBetween(random, this.sigma);
    return blur('GaussianBlur', size, this.kernel, [sigma, sigma]);
  }
}
registerTransform(GaussianBlur);
