import type { LayersModel } from '@tensorflow/tfjs-layers';
import { leNet5 } from '../zoo/le-net.js';

/** A net that `train` can build, with the numbers that suit it. */
export interface Net {
  readonly build: (options: { inputShape: [number, number, number]; classes: number; seed: number }) => LayersModel;
  /** Size and colours to which a folder of pictures is brought. */
  readonly pictureSize: number;
  readonly pictureChannels: 1 | 3;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRates: { readonly sgd: number; readonly adam: number };
}

export const NETS: Readonly<Record<string, Net>> = {
  lenet5: {
    build: (options) => leNet5(options),
    pictureSize: 28,
    pictureChannels: 1,
    epochs: 5,
    batchSize: 64,
    learningRates: { sgd: 0.03, adam: 0.002 },
  },
};
