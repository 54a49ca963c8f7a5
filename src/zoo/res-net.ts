/**
 * ResNets for ImageNet, and what was made of them.
 * Sources: He, Zhang, Ren, Sun: Deep residual learning for image recognition, arXiv 1512.03385, table 1; v2: by the same, Identity
 * mappings in deep residual networks, arXiv 1603.05027; ResNeXt: Xie et al., arXiv 1611.05431; Wide ResNet: Zagoruyko and
 * Komodakis, arXiv 1605.07146.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildResNet, type ResNetConfiguration, type ResNetOptions } from './res-net-builder.js';

const DEPTHS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

const configurations = {
  resNet18: { depths: DEPTHS[18], bottleneck: false },
  resNet34: { depths: DEPTHS[34], bottleneck: false },
  resNet50: { depths: DEPTHS[50] },
  resNet101: { depths: DEPTHS[101] },
  resNet152: { depths: DEPTHS[152] },
  resNet50V2: { depths: DEPTHS[50], preActivation: true },
  resNet101V2: { depths: DEPTHS[101], preActivation: true },
  resNet152V2: { depths: DEPTHS[152], preActivation: true },
  resNeXt50_32x4d: { depths: DEPTHS[50], groups: 32, groupWidth: 4 },
  resNeXt101_32x8d: { depths: DEPTHS[101], groups: 32, groupWidth: 8 },
  wideResNet50_2: { depths: DEPTHS[50], groupWidth: 128 },
  wideResNet101_2: { depths: DEPTHS[101], groupWidth: 128 },
} satisfies Record<string, ResNetConfiguration>;

const builder =
  (net: keyof typeof configurations) =>
  (options: ResNetOptions = {}): LayersModel =>
    buildResNet(net, configurations[net], options);

/** ResNet-18: 11,689,512 parameters. Variants 'torch' (default) and 'paper', which begins with other weights. */
export const resNet18 = builder('resNet18');
/** ResNet-34: 21,797,672 parameters. Variants as of resNet18. */
export const resNet34 = builder('resNet34');
/** ResNet-50: 25,557,032 parameters, 'keras' 25,583,592. Variants 'torch' (v1.5: stride in the 3x3; default), 'keras' and 'paper' (v1). */
export const resNet50 = builder('resNet50');
/** ResNet-101: 44,549,160 parameters, 'keras' 44,601,832. Variants as of resNet50. */
export const resNet101 = builder('resNet101');
/** ResNet-152: 60,192,808 parameters, 'keras' 60,268,520. Variants as of resNet50. */
export const resNet152 = builder('resNet152');
/** ResNet-50 v2: 25,568,360 parameters. Variants 'keras' (default) and 'paper' (25,549,352: no biases; stride in a stage's first block). */
export const resNet50V2 = builder('resNet50V2');
/** ResNet-101 v2: 44,577,896 parameters, 'paper' 44,541,480. Variants as of resNet50V2. */
export const resNet101V2 = builder('resNet101V2');
/** ResNet-152 v2: 60,236,904 parameters, 'paper' 60,185,128. Variants as of resNet50V2. */
export const resNet152V2 = builder('resNet152V2');
/** ResNeXt-50 with 32 groups of 4 channels: 25,028,904 parameters. Variant 'torch'. */
export const resNeXt50_32x4d = builder('resNeXt50_32x4d');
/** ResNeXt-101 with 32 groups of 8 channels: 88,791,336 parameters. Variant 'torch'. */
export const resNeXt101_32x8d = builder('resNeXt101_32x8d');
/** ResNet-50 with twice the channels inside of its blocks: 68,883,240 parameters. Variant 'torch'. */
export const wideResNet50_2 = builder('wideResNet50_2');
/** ResNet-101 with twice the channels inside of its blocks: 126,886,696 parameters. Variant 'torch'. */
export const wideResNet101_2 = builder('wideResNet101_2');

/** Builds a ResNet of your own. Variants: those of the named nets of its kind. */
export function resNet(options: ResNetConfiguration & ResNetOptions): LayersModel {
  const { depths, bottleneck, groups, groupWidth, preActivation, ...rest } = options;
  const configuration = { depths, bottleneck, groups, groupWidth, preActivation };
  return buildResNet('resNet', configuration, rest, ['depths', 'bottleneck', 'groups', 'groupWidth', 'preActivation']);
}
