/** Noise: drawn in JavaScript for bytes and tensors alike, in whole grey levels. */
import { add, clipByValue, type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { refuse } from '../../checks.js';
import type { Picture } from '../../data/resize.js';
import { RandomBits } from '../../initializers/random-bits.js';
import { normal } from '../../initializers/ziggurat.js';
import { drawSeed } from '../draws.js';
import { finiteNumber, probability } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { LevelOperation } from './level-operation.js';

/** Options of GaussianNoise: shares of the range of grey levels, 0.1 is 25.5 of them. */
export interface GaussianNoiseOptions {
  /** Default 0. */
  mean?: number;
  /** Standard deviation; default 0.1. */
  sigma?: number;
}

/** Options of SaltAndPepperNoise. */
export interface SaltAndPepperNoiseOptions {
  /** Share of the pixels that become white or black, half of them each, 0..1; default 0.05. */
  amount?: number;
}

/** A number of grey levels for every byte of a picture. */
type Noise = (size: PictureSize) => Int16Array;

/** x + noise, cut to 0..255. */
class AddNoise extends LevelOperation {
  constructor(private readonly noise: Noise) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const noise = this.noise(picture);
    const pixels = new Uint8ClampedArray(noise.length);
    for (let i = 0; i < noise.length; i++) pixels[i] = picture.pixels[i]! + noise[i]!;
    return { ...picture, pixels: new Uint8Array(pixels.buffer) };
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    const [, height, width, channels] = x.shape;
    const noise = tensor4d(Float32Array.from(this.noise({ height, width, channels })), [1, height, width, channels]);
    return clipByValue(add(x, noise), 0, 255);
  }
}

/**
 * Every byte plus a normally distributed number, to the nearest level, cut to 0..255. Draws one number, the noise's seed.
 * Source: torchvision's GaussianNoise, which rounds the noise to zero.
 */
export class GaussianNoise extends PictureTransform<Required<GaussianNoiseOptions>> {
  static readonly className: string = 'GaussianNoise';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: GaussianNoiseOptions = {}) {
    const { mean = 0, sigma = 0.1 } = options ?? {};
    if (!(sigma >= 0 && sigma < Infinity)) refuse('GaussianNoise', 'sigma', 'a finite number >= 0', sigma);
    super({ mean: finiteNumber('GaussianNoise', 'mean', mean), sigma }, options);
  }

  draw(random: Random): Operation {
    const seed = drawSeed(random);
    const mean = 255 * this.options.mean;
    const sigma = 255 * this.options.sigma;
    return new AddNoise(({ height, width, channels }) => {
      const bits = new RandomBits(seed);
      const more = bits.branch();
      const noise = new Int16Array(height * width * channels);
      const { max, min, round } = Math;
      // Beyond 255 either way all is black or white.
      for (let i = 0; i < noise.length; i++) noise[i] = max(-255, min(255, round(mean + sigma * normal(bits.next(), more))));
      return noise;
    });
  }
}
registerTransform(GaussianNoise);

/** Single pixels, all channels of them, become white or black. Draws one number, the noise's seed. */
export class SaltAndPepperNoise extends PictureTransform<Required<SaltAndPepperNoiseOptions>> {
  static readonly className: string = 'SaltAndPepperNoise';

  /** @throws ArgumentError where the amount is no share */
  constructor(options: SaltAndPepperNoiseOptions = {}) {
    const { amount = 0.05 } = options ?? {};
    super({ amount: probability('SaltAndPepperNoise', 'amount', amount) }, options);
  }

  draw(random: Random): Operation {
    const seed = drawSeed(random);
    const { amount } = this.options;
    return new AddNoise(({ height, width, channels }) => {
      const bits = new RandomBits(seed);
      const noise = new Int16Array(height * width * channels);
      for (let i = 0; i < noise.length; i += channels) {
        const place = bits.nextFraction();
        if (place < amount) noise.fill(place < amount / 2 ? 255 : -255, i, i + channels);
      }
      return noise;
    });
  }
}
registerTransform(SaltAndPepperNoise);
