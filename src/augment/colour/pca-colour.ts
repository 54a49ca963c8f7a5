/** Colours moved along the directions in which those of a data set vary. */
import { refuse } from '../../checks.js';
import { symmetricEigen } from '../../classic/symmetric-eigen.js';
import type { ImageDataset } from '../../data/dataset.js';
import { GeometryError } from '../../geometry.js';
import { drawNormals } from '../draws.js';
import { finiteNumbers } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { colourShift } from './channel-shift.js';

/** How the colours of a data set vary, pixels as numbers 0..1. */
export interface ColourPca {
  /** Of the covariance matrix of red, green and blue, in descending order. */
  readonly eigenvalues: readonly [number, number, number];
  /** [red, green, blue] of length 1, one for each eigenvalue. */
  readonly eigenvectors: readonly (readonly [number, number, number])[];
}

/** Options of PcaColour. */
export interface PcaColourOptions extends Partial<ColourPca> {
  /** Standard deviation of the random numbers that eigenvalues are multiplied by; default 0.1. */
  deviation?: number;
}

/** Of ImageNet. Source: fb.resnet.torch, datasets/imagenet.lua (its eigenvectors are columns, these rows). */
const IMAGENET: ColourPca = {
  eigenvalues: [0.2175, 0.0188, 0.0045],
  eigenvectors: [
    [-0.5675, -0.5808, -0.5836],
    [0.7192, -0.0045, -0.6948],
    [0.4009, -0.814, 0.4203],
  ],
};

/**
 * Principal components of the colours of all pixels: what PcaColour takes. Give it the training part only.
 *
 * @throws GeometryError for pictures that are not red, green and blue, or where there is none
 */
export function colourPca(dataset: ImageDataset): ColourPca {
  const { images, count, channels } = dataset;
  if (channels !== 3 || count === 0) {
    throw new GeometryError(
      `colourPca: dataset must hold pictures of 3 channels (red, green, blue), got ${count} of ${channels}`,
    );
  }
  const sums = new Float64Array(3);
  const products = new Float64Array(9);
  // Whole numbers: exact up to 10^11 pixels.
  for (let i = 0; i < images.length; i += 3) {
    for (let a = 0; a < 3; a++) {
      const level = images[i + a]!;
      sums[a]! += level;
      for (let b = 0; b < 3; b++) products[3 * a + b]! += level * images[i + b]!;
    }
  }
  const pixels = images.length / 3;
  const covariance = products.map((sum, i) => (sum - (sums[Math.floor(i / 3)]! * sums[i % 3]!) / pixels) / (pixels * 255 ** 2));
  const { values, vectors } = symmetricEigen(covariance, 3);
  return {
    // Rounding can make a variance of 0 negative.
    eigenvalues: [...values].map((value) => Math.max(0, value)) as [number, number, number],
    eigenvectors: [0, 1, 2].map((i) => [...vectors.subarray(3 * i, 3 * i + 3)] as [number, number, number]),
  };
}

/**
 * The same colour added to all pixels, to the nearest level: 255 sum of a_i l_i v_i over the eigenvalues l and eigenvectors v of
 * the colours of a training part, a normally distributed. Draws one number.
 * Source: Krizhevsky et al. 2012 (AlexNet), 4.1.
 */
export class PcaColour extends PictureTransform<Required<PcaColourOptions>> {
  static readonly className: string = 'PcaColour';

  /**
   * @param options deviation (default 0.1), eigenvalues and eigenvectors as colourPca gives them (default ImageNet's)
   * @throws ArgumentError naming the option that is wrong
   */
  constructor(options: PcaColourOptions = {}) {
    const { deviation = 0.1, eigenvalues, eigenvectors } = options ?? {};
    if (!(deviation >= 0 && deviation < Infinity)) refuse('PcaColour', 'deviation', 'a finite number >= 0', deviation);
    if ((eigenvalues === undefined) !== (eigenvectors === undefined)) {
      refuse('PcaColour', 'eigenvectors', 'given together with eigenvalues, as colourPca gives them', eigenvectors);
    }
    super({ deviation, ...checkedPca(eigenvalues ?? IMAGENET.eigenvalues, eigenvectors ?? IMAGENET.eigenvectors) }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { deviation, eigenvalues, eigenvectors } = this.options;
    const lengths = drawNormals(random, 3).map((normal, i) => 255 * deviation * normal * eigenvalues[i]!);
    const levels = [0, 1, 2].map((c) => lengths.reduce((sum, length, i) => sum + length * eigenvectors[i]![c]!, 0));
    return colourShift('PcaColour', levels, size);
  }
}
registerTransform(PcaColour);

function checkedPca(values: unknown, vectors: unknown): ColourPca {
  const colours = ['red', 'green', 'blue'];
  if (!Array.isArray(vectors) || vectors.length !== 3) refuse('PcaColour', 'eigenvectors', 'three of them', vectors);
  return {
    eigenvalues: finiteNumbers('PcaColour', 'eigenvalues', ['first', 'second', 'third'], values) as [number, number, number],
    eigenvectors: (vectors as unknown[]).map(
      (vector) => finiteNumbers('PcaColour', 'eigenvectors', colours, vector) as [number, number, number],
    ),
  };
}
