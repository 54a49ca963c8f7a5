/** Builders of nets: one family a file. */

export { type AlexNetOptions, alexNet } from './alex-net.js';
export { getModel, listModels, modelInfo, type NetName } from './catalog.js';
export { type CifarDenseNetOptions, cifarDenseNet } from './cifar-dense-net.js';
export { type CifarDenseNetFastOptions, cifarDenseNetFast } from './cifar-dense-net-fast.js';
export {
  type AnyCifarResNetOptions,
  type CifarResNetOptions,
  cifarResNet,
  cifarResNet20,
  cifarResNet32,
  cifarResNet44,
  cifarResNet56,
  cifarResNet110,
} from './cifar-res-net.js';
export { type CifarWideResNetOptions, cifarWideResNet } from './cifar-wide-res-net.js';
export { type DenseNetConfiguration, denseNet, denseNet121, denseNet161, denseNet169, denseNet201 } from './dense-net.js';
export { digitCodes } from './digit-codes.js';
export { type GoogLeNetOptions, googLeNet } from './google-net.js';
export type { AuxiliaryNetOptions, ScaledNetOptions } from './inception-parts.js';
export { type InceptionV3Options, inceptionV3 } from './inception-v3.js';
export { type LeNet1998Options, leNet5, type ModernLeNetOptions } from './le-net.js';
export { lossWeights, setLossWeights } from './loss-weights.js';
export { mlPerfTinyResNet8 } from './ml-perf-tiny-res-net8.js';
export { type MobileNetV1Options, mobileNetV1 } from './mobile-net-v1.js';
export { type MobileNetV2Options, mobileNetV2 } from './mobile-net-v2.js';
export type { ModelInfo, PicturePreprocessing, PublishedAccuracy, VariantInfo } from './model-info.js';
export type { NetOptions, Variant } from './net-options.js';
export { type NinOptions, nin, ninImageNet } from './nin.js';
export {
  resNet,
  resNet18,
  resNet34,
  resNet50,
  resNet50V2,
  resNet101,
  resNet101V2,
  resNet152,
  resNet152V2,
  resNeXt50_32x4d,
  resNeXt101_32x8d,
  wideResNet50_2,
  wideResNet101_2,
} from './res-net.js';
export type { ResNetConfiguration, ResNetOptions } from './res-net-builder.js';
export { cifarConvNet, type MultilayerPerceptronOptions, mnistConvNet, multilayerPerceptron } from './small-nets.js';
export { type SqueezeNetOptions, squeezeNet1_0, squeezeNet1_1 } from './squeeze-net.js';
export { tinyDarknet } from './tiny-darknet.js';
export { type VggOptions, vgg11, vgg13, vgg16, vgg19 } from './vgg.js';
export { type ZfNetOptions, zfNet } from './zf-net.js';
