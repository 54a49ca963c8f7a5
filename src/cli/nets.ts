import type { LayersModel } from '@tensorflow/tfjs-layers';
import { getModel, modelInfo, type NetName } from '../zoo/catalog.js';

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

type Numbers = Pick<Net, 'epochs' | 'batchSize' | 'learningRates'>;

/** Where nobody has looked for better ones. */
const USUAL: Numbers = { epochs: 20, batchSize: 64, learningRates: { sgd: 0.05, adam: 0.001 } };

const TRIED: Partial<Record<NetName, Numbers>> = {
  leNet5: { epochs: 5, batchSize: 64, learningRates: { sgd: 0.03, adam: 0.002 } },
};

/**
 * The net of that name in the catalogue.
 * @throws ArgumentError listing the names there are
 */
export function netNamed(name: string): Net {
  const { name: known, inputShape, variants } = modelInfo(name);
  const [pictureSize, , channels] = inputShape;
  // Training wants logits; nets whose first variant is Keras's end in probabilities.
  const head = variants[0].variant === 'keras' ? { classifierActivation: 'linear' } : {};
  return {
    build: (options) => getModel(known, { ...options, ...head }),
    pictureSize,
    pictureChannels: channels as 1 | 3,
    ...(TRIED[known as NetName] ?? USUAL),
  };
}
