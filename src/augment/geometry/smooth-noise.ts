import { span } from '../primitives/axis-indices.js';

/**
 * A field [height, width] under a bell of deviation sigma, 4 sigma to either side, mirrored at its borders.
 * Source: torchvision's gaussian_blur as ElasticTransform calls it.
 */
export function smoothed(field: Float64Array, height: number, width: number, sigma: number): Float64Array {
  const weights = bell(Math.floor((Math.floor(8 * sigma + 1) | 1) / 2), sigma);
  return alongLines(alongLines(field, width, 1, height, width, weights), height, width, width, 1, weights);
}

/** `count` lines of `length` values, `step` apart; a line begins `stride` behind the one before. */
function alongLines(
  field: Float64Array,
  length: number,
  step: number,
  count: number,
  stride: number,
  weights: Float64Array,
): Float64Array {
  const reach = weights.length - 1;
  const places = span(-reach, length + 2 * reach, length, 'reflect');
  const line = new Float64Array(places.length);
  const result = new Float64Array(field.length);
  for (let begin = 0; begin < count * stride; begin += stride) {
    for (let i = 0; i < line.length; i++) line[i] = field[begin + places[i]! * step]!;
    for (let i = 0; i < length; i++) {
      const middle = i + reach;
      let sum = weights[0]! * line[middle]!;
      for (let k = 1; k <= reach; k++) sum += weights[k]! * (line[middle - k]! + line[middle + k]!);
      result[begin + i * step] = sum;
    }
  }
  return result;
}

/** Weights of the middle and of those to one side. */
function bell(reach: number, sigma: number): Float64Array {
  const heights = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-((i / sigma) ** 2) / 2));
  const total = heights.reduce((sum, height) => sum + 2 * height, -heights[0]!);
  return heights.map((height) => height / total);
}
