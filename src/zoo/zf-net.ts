/**
 * ZFNet: AlexNet with a finer first layer, found by looking at its features; winner of ILSVRC 2013.
 * Source: Zeiler, Fergus: Visualizing and understanding convolutional networks, arXiv 1311.2901, figure 3 and table 3.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { smallRandom } from '../initializers/index.js';
import { LocalResponseNormalization } from '../layers/local-response-normalization.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { withDenseHead } from './dense-head.js';
import { Draft } from './draft.js';
import { type NetOptions, widthScale } from './net-options.js';

/** Options of ZFNet. */
export interface ZfNetOptions extends NetOptions {
  /** Of the third, fourth and fifth convolution: [384, 384, 256] (default), or [512, 1024, 512], table 3's best. */
  maps?: readonly [number, number, number];
  /** Channels of the first convolution, of which all others and the dense layers are multiples; default 96. */
  width?: number;
}

/** ZFNet: 62,357,608 parameters; with maps of [512, 1024, 512] 107,627,624. Its one variant is 'paper'. */
export function zfNet(options: ZfNetOptions = {}): LayersModel {
  const net = 'zfNet';
  const { maps = [384, 384, 256], width = 96 } = options;
  if (maps.length !== 3 || !maps.every((count) => Number.isInteger(count) && count > 0)) {
    throw new ArgumentError(`${net}: maps must be three positive integers, got ${JSON.stringify(maps)}`);
  }
  const traits = {
    net,
    variants: ['paper'],
    inputShape: [224, 224, 3],
    smallest: 53,
    fixedSize: true,
    dropout: 0.5,
    more: ['maps', 'width'],
  } as const;
  const draft = new Draft(options, traits, () => ({ kernels: smallRandom, dense: smallRandom }));
  const channels = widthScale(net, width, 96);
  // The paper's contrast normalisation is AlexNet's.
  const poolAndNormalize = (x: typeof draft.input, place: number) => {
    const pooled = draft.through(new MaxPooling2D({ name: `pool${place}`, poolSize: 3, strides: 2, padding: 1 }), x);
    const lrn = { size: 5, k: 2, alpha: 1e-4, beta: 0.75, divideAlpha: false };
    return draft.through(new LocalResponseNormalization({ name: `norm${place}`, ...lrn }), pooled);
  };
  const conv = (
    x: typeof draft.input,
    place: number,
    filters: number,
    window: { kernelSize: number; strides?: number; padding?: number },
  ) => draft.conv(x, `conv${place}`, { filters: channels(filters), activation: 'relu', ...window });
  let x = conv(draft.input, 1, 96, { kernelSize: 7, strides: 2, padding: 1 });
  x = poolAndNormalize(x, 1);
  x = conv(x, 2, 256, { kernelSize: 5, strides: 2 });
  x = poolAndNormalize(x, 2);
  maps.forEach((filters, i) => {
    x = conv(x, i + 3, filters, { kernelSize: 3, padding: 1 });
  });
  x = draft.through(new MaxPooling2D({ name: 'pool5', poolSize: 3, strides: 2 }), x);
  return withDenseHead(draft, x, { names: ['fc6', 'fc7', 'fc8'], units: channels(4096) });
}
