import { span } from '../primitives/axis-indices.js';

/**
 * A field [height, width] under a bell of deviation sigma, 4 sigma to either side, mirrored at its borders.
 * Source: torchvision's gaussian_blur as ElasticTransform calls it.
 */
export function smoothed(field: Float64Array, height: number, width: number, sigma: number): Float64Array {
  const reach = Math.floor((Math.floor(8 * sigma + 1) | 1) / 2);
  const weights = bell(reach, sigma);
  const along = (values: Float64Array, length: number, step: number, count: number, stride: number): Float64Array => {
    const places = span(-reach, length + 2 * reach, length, 'reflect');
    const result = new Float64Array(values.length);
    for (let line = 0; line < count; line++) {
      const begin = line * stride;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * values[begin + places[i + k]! * step]!;
        result[begin + i * step] = sum;
      }
    }
    return result;
  };
  return along(along(field, width, 1, height, width), height, width, width, 1);
}

function bell(reach: number, sigma: number): Float64Array {
  const heights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / sigma) ** 2) / 2));
  const total = heights.reduce((sum, height) => sum + height, 0);
  return heights.map((height) => height / total);
}
