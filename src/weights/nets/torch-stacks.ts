/** Nets by torchvision's names that keep their layers in `features` and `classifier`. */

import type { NetName } from '../../zoo/catalog.js';
import { multipleOf8 } from '../../zoo/mobile-net-width.js';
import type { Keys } from '../keys/keys.js';
import { type Family, unusual } from './finding.js';

/** By the number of convolutions. */
const VGGS: Readonly<Record<number, NetName>> = { 8: 'vgg11', 10: 'vgg13', 13: 'vgg16', 16: 'vgg19' };

export const vgg: Family = (keys) => {
  const [width, channels, size] = keys.shape('features.0.weight') ?? [];
  if (size !== 3 || keys.has('features.3.squeeze.weight')) return undefined;
  const places = keys.matches(/^features\.(\d+)\.weight$/).map((place) => `features.${place}.weight`);
  const net = VGGS[places.filter((name) => keys.shape(name)!.length === 4).length];
  if (!net) return undefined;
  const more = unusual({ batchNormalization: [keys.has('features.1.running_mean'), false], width: [width, 64] });
  return { net, variant: 'torch', channels: channels!, classes: keys.shape('classifier.6.weight')?.[0], more };
};

export const alexNet: Family = (keys) => {
  const [width, channels, size] = keys.shape('features.0.weight') ?? [];
  if (size !== 11 || !keys.has('features.10.weight')) return undefined;
  const classes = keys.shape('classifier.6.weight')?.[0];
  return { net: 'alexNet', variant: 'torch', channels: channels!, classes, more: unusual({ width: [width, 64] }) };
};

/** [layers of each block] of those that are known by a name. */
const DENSE_NETS: Readonly<Record<string, NetName>> = {
  '6,12,24,16 32': 'denseNet121',
  '6,12,36,24 48': 'denseNet161',
  '6,12,32,32 32': 'denseNet169',
  '6,12,48,32 32': 'denseNet201',
};

const layersOf = (keys: Keys, block: number) =>
  keys.count(new RegExp(`^features\\.denseblock${block}\\.denselayer(\\d+)\\.conv1\\.weight$`));

export const denseNet: Family = (keys) => {
  const [, channels, size] = keys.shape('features.conv0.weight') ?? [];
  const [growthRate] = keys.shape('features.denseblock1.denselayer1.conv2.weight') ?? [];
  const net = DENSE_NETS[`${[1, 2, 3, 4].map((block) => layersOf(keys, block))} ${growthRate}`];
  if (!net || size !== 7) return undefined;
  return { net, variant: 'torch', channels: channels!, classes: keys.shape('classifier.weight')?.[0] };
};

/** This zoo's own names. */
export const cifarDenseNet: Family = (keys) => {
  const [, channels, size] = keys.shape('features.conv0.weight') ?? [];
  const layers = layersOf(keys, 3);
  if (size !== 3 || layers === 0 || layersOf(keys, 4) > 0) return undefined;
  const first = 'features.denseblock1.denselayer1';
  const bottleneck = keys.has(`${first}.conv2.weight`);
  const [growthRate] = keys.shape(`${first}.conv${bottleneck ? 2 : 1}.weight`) ?? [];
  const [left, given] = keys.shape('features.transition1.conv.weight') ?? [1, 1];
  const more = unusual({
    depth: [layers * 3 * (bottleneck ? 2 : 1) + 4, 40],
    growthRate: [growthRate, 12],
    bottleneck: [bottleneck, false],
    compression: [left! / given!, bottleneck ? 0.5 : 1],
  });
  const classes = keys.shape('classifier.weight')?.[0];
  return { net: 'cifarDenseNet', variant: 'paper', channels: channels!, classes, more, names: 'tfjs-cnn' };
};

export const squeezeNet: Family = (keys) => {
  const [width, channels, size] = keys.shape('features.0.weight') ?? [];
  if (!keys.has('features.3.squeeze.weight')) return undefined;
  const [net, usual] = size === 7 ? (['squeezeNet1_0', 96] as const) : (['squeezeNet1_1', 64] as const);
  const classes = keys.shape('classifier.1.weight')?.[0];
  return { net, variant: 'torch', channels: channels!, classes, more: unusual({ width: [width, usual] }) };
};

/** Widths that were published. */
const ALPHAS = [1, 1.4, 1.3, 1.2, 1.1, 0.75, 0.5, 0.35, 0.25, 0.1];

/** The factor of all channels, from those of the first convolution and of the last block. */
export function mobileNetV2Alpha(
  first: number | undefined,
  last: number | undefined,
  rounded: (n: number) => number,
): number | undefined {
  return ALPHAS.find((alpha) => multipleOf8(32 * alpha) === first && multipleOf8(rounded(320 * alpha)) === last);
}

export const mobileNetV2: Family = (keys) => {
  const [first, channels] = keys.shape('features.0.0.weight') ?? [];
  const [last] = keys.shape('features.17.conv.2.weight') ?? [];
  const alpha = mobileNetV2Alpha(first, last, (count) => count);
  if (alpha === undefined) return undefined;
  const classes = keys.shape('classifier.1.weight')?.[0];
  return { net: 'mobileNetV2', variant: 'torch', channels: channels!, classes, more: unusual({ alpha: [alpha, 1] }) };
};
