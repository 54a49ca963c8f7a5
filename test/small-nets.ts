/** Every net of the catalogue, small enough to be tried. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { denseNet, getModel, type NetName } from '../src/index.js';

const common = { classes: 5, classifierActivation: 'linear', seed: 1 } as const;
const side32 = { ...common, inputShape: [32, 32, 3] } as const;
const width2 = { ...side32, width: 2 };
const growing = { ...side32, growthRate: 2 };
const alpha = { ...side32, alpha: 0.1 };

/** DenseNets by their depths: those with a name grow as published. */
const deepNets = {
  denseNet121: () => denseNet({ ...growing, blocks: [6, 12, 24, 16] }),
  denseNet161: () => denseNet({ ...growing, blocks: [6, 12, 36, 24] }),
  denseNet169: () => denseNet({ ...growing, blocks: [6, 12, 32, 32] }),
  denseNet201: () => denseNet({ ...growing, blocks: [6, 12, 48, 32] }),
};

/** Options of every net that can be made narrow by them. */
const options: Readonly<Record<Exclude<NetName, keyof typeof deepNets>, object>> = {
  leNet5: { seed: 1 },
  mnistConvNet: common,
  multilayerPerceptron: { ...common, units: [8, 6] },
  cifarConvNet: { ...side32, inputShape: [12, 12, 3] },
  alexNet: { ...common, inputShape: [67, 67, 3], width: 4 },
  zfNet: { ...common, width: 3 },
  vgg11: { ...width2, batchNormalization: true },
  vgg13: width2,
  vgg16: width2,
  vgg19: width2,
  googLeNet: { ...side32, width: 4 },
  inceptionV3: { ...common, inputShape: [75, 75, 3], width: 2 },
  resNet18: width2,
  resNet34: width2,
  resNet50: width2,
  resNet101: width2,
  resNet152: width2,
  resNet50V2: width2,
  resNet101V2: width2,
  resNet152V2: width2,
  resNeXt50_32x4d: { ...side32, width: 16 },
  resNeXt101_32x8d: { ...side32, width: 8 },
  wideResNet50_2: width2,
  wideResNet101_2: width2,
  squeezeNet1_0: { ...side32, width: 4 },
  squeezeNet1_1: { ...side32, width: 4 },
  mobileNetV1: alpha,
  mobileNetV2: alpha,
  nin: { ...side32, width: 8 },
  ninImageNet: { ...common, inputShape: [39, 39, 3], width: 4 },
  cifarResNet20: { ...width2, inputShape: [16, 16, 3] },
  cifarResNet32: { ...width2, inputShape: [16, 16, 3] },
  cifarResNet44: { ...width2, inputShape: [16, 16, 3] },
  cifarResNet56: { ...width2, inputShape: [16, 16, 3] },
  cifarResNet110: { ...width2, inputShape: [16, 16, 3] },
  cifarWideResNet: { ...side32, inputShape: [16, 16, 3], depth: 10, widenFactor: 1 },
  cifarDenseNet: { ...common, inputShape: [16, 16, 3], growthRate: 2, depth: 10 },
  cifarDenseNetFast: { ...common, inputShape: [16, 16, 3], growthRate: 2, depth: 10 },
  mlPerfTinyResNet8: { ...common, inputShape: [16, 16, 3] },
  tinyDarknet: side32,
};

/** Builders by name. */
export const smallNets: Readonly<Record<NetName, () => LayersModel>> = {
  ...(Object.fromEntries(Object.entries(options).map(([name, settings]) => [name, () => getModel(name, settings)])) as Record<
    keyof typeof options,
    () => LayersModel
  >),
  ...deepNets,
};
