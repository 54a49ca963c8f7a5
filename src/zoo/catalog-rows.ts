/** The catalogue's table. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { alexNet } from './alex-net.js';
import { cifarDenseNet } from './cifar-dense-net.js';
import { cifarDenseNetFast } from './cifar-dense-net-fast.js';
import { cifarResNet20, cifarResNet32, cifarResNet44, cifarResNet56, cifarResNet110 } from './cifar-res-net.js';
import { cifarWideResNet } from './cifar-wide-res-net.js';
import { denseNet121, denseNet161, denseNet169, denseNet201 } from './dense-net.js';
import { googLeNet } from './google-net.js';
import { inceptionV3 } from './inception-v3.js';
import { leNet5 } from './le-net.js';
import { mlPerfTinyResNet8 } from './ml-perf-tiny-res-net8.js';
import { mobileNetV1 } from './mobile-net-v1.js';
import { mobileNetV2 } from './mobile-net-v2.js';
import { type ModelInfo, type PublishedAccuracy, preprocessings, type VariantInfo } from './model-info.js';
import { nin, ninImageNet } from './nin.js';
import {
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
import { cifarConvNet, mnistConvNet, multilayerPerceptron } from './small-nets.js';
import { squeezeNet1_0, squeezeNet1_1 } from './squeeze-net.js';
import { tinyDarknet } from './tiny-darknet.js';
import { vgg11, vgg13, vgg16, vgg19 } from './vgg.js';
import { zfNet } from './zf-net.js';

/** A net: how it is built, what is known of it. */
interface Row {
  readonly build: (options?: never) => LayersModel;
  readonly info: Omit<ModelInfo, 'name'>;
}

const papers = {
  leNet: 'LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998)',
  course: 'none: first nets of courses',
  kerasExample: 'none: the CIFAR-10 example of Keras 1 and 2',
  alexNet: 'Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks, NIPS 2012',
  zfNet: 'Zeiler, Fergus: Visualizing and understanding convolutional networks, arXiv 1311.2901',
  vgg: 'Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition, arXiv 1409.1556',
  googLeNet: 'Szegedy et al.: Going deeper with convolutions, arXiv 1409.4842',
  inceptionV3: 'Szegedy et al.: Rethinking the Inception architecture for computer vision, arXiv 1512.00567',
  resNet: 'He, Zhang, Ren, Sun: Deep residual learning for image recognition, arXiv 1512.03385',
  resNetV2: 'He, Zhang, Ren, Sun: Identity mappings in deep residual networks, arXiv 1603.05027',
  resNeXt: 'Xie et al.: Aggregated residual transformations for deep neural networks, arXiv 1611.05431',
  wideResNet: 'Zagoruyko, Komodakis: Wide residual networks, arXiv 1605.07146',
  denseNet: 'Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks, arXiv 1608.06993',
  squeezeNet: 'Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, arXiv 1602.07360',
  mobileNetV1:
    'Howard et al.: MobileNets: Efficient convolutional neural networks for mobile vision applications, arXiv 1704.04861',
  mobileNetV2: 'Sandler et al.: MobileNetV2: Inverted residuals and linear bottlenecks, arXiv 1801.04381',
  mlPerfTiny: 'Banbury et al.: MLPerf Tiny benchmark, arXiv 2106.07597',
  darknet: 'none: J. Redmon, Darknet: open source neural networks in C',
  nin: 'Lin, Chen, Yan: Network in network, arXiv 1312.4400',
} as const;

const imageNet = [224, 224, 3] as const;
const cifar = [32, 32, 3] as const;

const torchvision = (percent: number): PublishedAccuracy => ({
  percent,
  dataset: 'ImageNet',
  source: 'torchvision, its first weights',
});
const keras = (percent: number): PublishedAccuracy => ({ percent, dataset: 'ImageNet', source: 'Keras Applications' });
const paper = (percent: number, dataset: PublishedAccuracy['dataset']): PublishedAccuracy => ({
  percent,
  dataset,
  source: 'the paper',
});

function of(
  variant: VariantInfo['variant'],
  parameters: number,
  macs: number,
  pictures: keyof typeof preprocessings,
  top1?: PublishedAccuracy,
  inputShape?: VariantInfo['inputShape'],
): VariantInfo {
  const preprocessing = preprocessings[pictures];
  return { variant, parameters, macs, preprocessing, ...(top1 && { top1 }), ...(inputShape && { inputShape }) };
}

const row = (
  build: Row['build'],
  paper: string,
  inputShape: ModelInfo['inputShape'],
  classes: number,
  variants: ModelInfo['variants'],
): Row => ({ build, info: { paper, inputShape, classes, variants } });

/** By the names of the builders; parameters and multiply-accumulates with default options. */
export const catalogRows = {
  leNet5: row(leNet5, papers.leNet, [28, 28, 1], 10, [
    of('modern', 61_706, 416_520, 'mnist'),
    of('1998', 60_000, 326_520, 'mnist', paper(99.05, 'MNIST')),
  ]),
  mnistConvNet: row(mnistConvNet, papers.course, [28, 28, 1], 10, [of('paper', 28_906, 809_408, 'mnist')]),
  multilayerPerceptron: row(multilayerPerceptron, papers.course, [28, 28, 1], 10, [of('paper', 109_578, 109_184, 'mnist')]),
  cifarConvNet: row(cifarConvNet, papers.kerasExample, cifar, 10, [of('keras', 1_250_858, 20_741_120, 'unit')]),
  alexNet: row(alexNet, papers.alexNet, imageNet, 1000, [
    of('torch', 61_100_840, 714_188_480, 'torch', torchvision(56.522)),
    of('paper', 60_965_224, 724_406_816, 'centred', paper(59.3, 'ImageNet'), [227, 227, 3]),
  ]),
  zfNet: row(zfNet, papers.zfNet, imageNet, 1000, [of('paper', 62_357_608, 1_168_032_896, 'centred', paper(61.6, 'ImageNet'))]),
  vgg11: row(vgg11, papers.vgg, imageNet, 1000, [
    of('torch', 132_863_336, 7_609_090_048, 'torch', torchvision(69.02)),
    of('paper', 132_863_336, 7_609_090_048, 'centred'),
  ]),
  vgg13: row(vgg13, papers.vgg, imageNet, 1000, [
    of('torch', 133_047_848, 11_308_466_176, 'torch', torchvision(69.928)),
    of('paper', 133_047_848, 11_308_466_176, 'centred'),
  ]),
  vgg16: row(vgg16, papers.vgg, imageNet, 1000, [
    of('torch', 138_357_544, 15_470_264_320, 'torch', torchvision(71.592)),
    of('keras', 138_357_544, 15_470_264_320, 'caffe', keras(71.3)),
    of('paper', 138_357_544, 15_470_264_320, 'centred'),
  ]),
  vgg19: row(vgg19, papers.vgg, imageNet, 1000, [
    of('torch', 143_667_240, 19_632_062_464, 'torch', torchvision(72.376)),
    of('keras', 143_667_240, 19_632_062_464, 'caffe', keras(71.3)),
    of('paper', 143_667_240, 19_632_062_464, 'centred'),
  ]),
  googLeNet: row(googLeNet, papers.googLeNet, imageNet, 1000, [
    of('torch', 6_624_904, 1_498_376_192, 'tf', torchvision(69.778)),
    of('paper', 6_998_552, 1_582_671_872, 'centred'),
  ]),
  inceptionV3: row(inceptionV3, papers.inceptionV3, [299, 299, 3], 1000, [
    of('torch', 23_834_568, 5_713_216_096, 'tf', torchvision(77.294)),
    of('keras', 23_817_352, 5_713_216_096, 'tf', keras(77.9)),
  ]),
  resNet18: row(resNet18, papers.resNet, imageNet, 1000, [
    of('torch', 11_689_512, 1_814_073_344, 'torch', torchvision(69.758)),
    of('paper', 11_689_512, 1_814_073_344, 'centred'),
  ]),
  resNet34: row(resNet34, papers.resNet, imageNet, 1000, [
    of('torch', 21_797_672, 3_663_761_408, 'torch', torchvision(73.314)),
    of('paper', 21_797_672, 3_663_761_408, 'centred'),
  ]),
  resNet50: row(resNet50, papers.resNet, imageNet, 1000, [
    of('torch', 25_557_032, 4_089_184_256, 'torch', torchvision(76.13)),
    of('keras', 25_583_592, 3_857_973_248, 'caffe', keras(74.9)),
    of('paper', 25_557_032, 3_857_973_248, 'centred'),
  ]),
  resNet101: row(resNet101, papers.resNet, imageNet, 1000, [
    of('torch', 44_549_160, 7_801_405_440, 'torch', torchvision(77.374)),
    of('keras', 44_601_832, 7_570_194_432, 'caffe', keras(76.4)),
    of('paper', 44_549_160, 7_570_194_432, 'centred'),
  ]),
  resNet152: row(resNet152, papers.resNet, imageNet, 1000, [
    of('torch', 60_192_808, 11_513_626_624, 'torch', torchvision(78.312)),
    of('keras', 60_268_520, 11_282_415_616, 'caffe', keras(76.6)),
    of('paper', 60_192_808, 11_282_415_616, 'centred'),
  ]),
  resNet50V2: row(resNet50V2, papers.resNetV2, imageNet, 1000, [
    of('keras', 25_568_360, 3_482_255_360, 'tf', keras(76.0)),
    of('paper', 25_549_352, 4_089_184_256, 'centred'),
  ]),
  resNet101V2: row(resNet101V2, papers.resNetV2, imageNet, 1000, [
    of('keras', 44_577_896, 7_194_476_544, 'tf', keras(77.2)),
    of('paper', 44_541_480, 7_801_405_440, 'centred'),
  ]),
  resNet152V2: row(resNet152V2, papers.resNetV2, imageNet, 1000, [
    of('keras', 60_236_904, 10_906_697_728, 'tf', keras(78.0)),
    of('paper', 60_185_128, 11_513_626_624, 'centred'),
  ]),
  resNeXt50_32x4d: row(resNeXt50_32x4d, papers.resNeXt, imageNet, 1000, [
    of('torch', 25_028_904, 4_230_479_872, 'torch', torchvision(77.618)),
  ]),
  resNeXt101_32x8d: row(resNeXt101_32x8d, papers.resNeXt, imageNet, 1000, [
    of('torch', 88_791_336, 16_414_015_488, 'torch', torchvision(79.312)),
  ]),
  wideResNet50_2: row(wideResNet50_2, papers.wideResNet, imageNet, 1000, [
    of('torch', 68_883_240, 11_398_021_120, 'torch', torchvision(78.468)),
  ]),
  wideResNet101_2: row(wideResNet101_2, papers.wideResNet, imageNet, 1000, [
    of('torch', 126_886_696, 22_753_050_624, 'torch', torchvision(78.848)),
  ]),
  denseNet121: row(denseNet121, papers.denseNet, imageNet, 1000, [
    of('torch', 7_978_856, 2_834_161_664, 'torch', torchvision(74.434)),
    of('keras', 7_978_856, 2_834_161_664, 'torch', keras(75.0)),
  ]),
  denseNet161: row(denseNet161, papers.denseNet, imageNet, 1000, [
    of('torch', 28_681_000, 7_727_907_072, 'torch', torchvision(77.138)),
  ]),
  denseNet169: row(denseNet169, papers.denseNet, imageNet, 1000, [
    of('torch', 14_149_480, 3_359_843_328, 'torch', torchvision(75.6)),
    of('keras', 14_149_480, 3_359_843_328, 'torch', keras(76.2)),
  ]),
  denseNet201: row(denseNet201, papers.denseNet, imageNet, 1000, [
    of('torch', 20_013_928, 4_291_365_888, 'torch', torchvision(76.896)),
    of('keras', 20_013_928, 4_291_365_888, 'torch', keras(77.3)),
  ]),
  squeezeNet1_0: row(squeezeNet1_0, papers.squeezeNet, imageNet, 1000, [
    of('torch', 1_248_424, 818_924_576, 'torch', torchvision(58.092)),
    of('keras', 1_248_424, 777_221_152, 'caffe'),
  ]),
  squeezeNet1_1: row(squeezeNet1_1, papers.squeezeNet, imageNet, 1000, [
    of('torch', 1_235_496, 349_151_936, 'torch', torchvision(58.178)),
    of('keras', 1_235_496, 349_151_936, 'caffe'),
  ]),
  mobileNetV1: row(mobileNetV1, papers.mobileNetV1, imageNet, 1000, [of('keras', 4_231_976, 568_740_352, 'tf', keras(70.4))]),
  mobileNetV2: row(mobileNetV2, papers.mobileNetV2, imageNet, 1000, [
    of('torch', 3_504_872, 300_774_272, 'torch', torchvision(71.878)),
    of('keras', 3_504_872, 300_774_272, 'tf', keras(71.3)),
  ]),
  tinyDarknet: row(tinyDarknet, papers.darknet, imageNet, 1000, [
    of('keras', 1_042_104, 491_524_096, 'unit', { percent: 58.7, dataset: 'ImageNet', source: 'Darknet' }),
  ]),
  nin: row(nin, papers.nin, cifar, 10, [of('paper', 966_986, 222_486_528, 'cifar', paper(91.19, 'CIFAR-10'))]),
  ninImageNet: row(ninImageNet, papers.nin, imageNet, 1000, [of('paper', 7_595_176, 1_100_188_800, 'centred')]),
  cifarResNet20: row(cifarResNet20, papers.resNet, cifar, 10, [
    of('paper', 269_722, 40_551_040, 'cifar', paper(91.25, 'CIFAR-10')),
  ]),
  cifarResNet32: row(cifarResNet32, papers.resNet, cifar, 10, [
    of('paper', 464_154, 68_862_592, 'cifar', paper(92.49, 'CIFAR-10')),
  ]),
  cifarResNet44: row(cifarResNet44, papers.resNet, cifar, 10, [
    of('paper', 658_586, 97_174_144, 'cifar', paper(92.83, 'CIFAR-10')),
  ]),
  cifarResNet56: row(cifarResNet56, papers.resNet, cifar, 10, [
    of('paper', 853_018, 125_485_696, 'cifar', paper(93.03, 'CIFAR-10')),
  ]),
  cifarResNet110: row(cifarResNet110, papers.resNet, cifar, 10, [
    of('paper', 1_727_962, 252_887_680, 'cifar', paper(93.57, 'CIFAR-10')),
  ]),
  cifarWideResNet: row(cifarWideResNet, papers.wideResNet, cifar, 10, [
    of('paper', 36_479_194, 5_243_328_768, 'cifar', paper(96.0, 'CIFAR-10')),
  ]),
  cifarDenseNet: row(cifarDenseNet, papers.denseNet, cifar, 10, [
    of('paper', 1_019_722, 264_812_928, 'cifar', paper(94.76, 'CIFAR-10')),
  ]),
  cifarDenseNetFast: row(cifarDenseNetFast, papers.denseNet, cifar, 10, [of('keras', 1_002_586, 264_812_928, 'raw')]),
  mlPerfTinyResNet8: row(mlPerfTinyResNet8, papers.mlPerfTiny, cifar, 10, [
    of('keras', 78_186, 12_501_632, 'raw', {
      percent: 85,
      dataset: 'CIFAR-10',
      source: 'MLPerf Tiny, the accuracy that counts as reached',
    }),
  ]),
} as const satisfies Record<string, Row>;
