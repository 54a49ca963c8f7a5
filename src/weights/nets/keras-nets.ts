/** Nets of Keras Applications whose layers have names of their own, and SqueezeNet as Keras has it. */
import type { NetName } from '../../zoo/catalog.js';
import type { Keys } from '../keys/keys.js';
import { type Family, unusual } from './finding.js';
import { mobileNetV2Alpha } from './torch-stacks.js';

const RES_NETS: Readonly<Record<string, NetName>> = {
  '3,4,6,3': 'resNet50',
  '3,4,23,3': 'resNet101',
  '3,8,36,3': 'resNet152',
};

const DENSE_NETS: Readonly<Record<string, NetName>> = {
  '6,12,24,16': 'denseNet121',
  '6,12,32,32': 'denseNet169',
  '6,12,48,32': 'denseNet201',
};

const stages = (keys: Keys, part: string) =>
  [2, 3, 4, 5].map((stage) => keys.count(new RegExp(`^conv${stage}_block(\\d+)_${part}/kernel$`)));

export const resNet: Family = (keys) => {
  const [, , channels, width] = keys.shape('conv1_conv/kernel') ?? [];
  const v1 = RES_NETS[String(stages(keys, '3_conv'))];
  if (!channels || !v1) return undefined;
  const net = keys.has('conv2_block1_preact_bn/gamma') ? (`${v1}V2` as NetName) : v1;
  const classes = keys.shape('predictions/kernel')?.[1];
  return { net, variant: 'keras', channels, classes, more: unusual({ width: [width, 64] }) };
};

export const denseNet: Family = (keys) => {
  const [, , channels] = keys.shape('conv1_conv/kernel') ?? [];
  const net = DENSE_NETS[String(stages(keys, '2_conv'))];
  if (!channels || !net || !keys.has('pool2_conv/kernel')) return undefined;
  return { net, variant: 'keras', channels, classes: keys.shape('predictions/kernel')?.[1] };
};

export const vgg: Family = (keys) => {
  const [, , channels, width] = keys.shape('block1_conv1/kernel') ?? [];
  if (!channels || !keys.has('block5_conv3/kernel')) return undefined;
  const net = keys.has('block5_conv4/kernel') ? 'vgg19' : 'vgg16';
  const classes = keys.shape('predictions/kernel')?.[1];
  return { net, variant: 'keras', channels, classes, more: unusual({ width: [width, 64] }) };
};

export const mobileNetV1: Family = (keys) => {
  const [, , channels, first] = keys.shape('conv1/kernel') ?? [];
  const [, , , depthMultiplier] = keys.shape('conv_dw_13/kernel') ?? [];
  if (!channels || !depthMultiplier) return undefined;
  const more = unusual({ alpha: [first! / 32, 1], depthMultiplier: [depthMultiplier, 1] });
  const classes = keys.shape('conv_preds/kernel')?.at(-1);
  return { net: 'mobileNetV1', variant: 'keras', channels, classes, more };
};

export const mobileNetV2: Family = (keys) => {
  const [, , channels, first] = keys.shape('Conv1/kernel') ?? [];
  const last = keys.shape('block_16_project/kernel')?.[3];
  const alpha = mobileNetV2Alpha(first, last, Math.floor);
  if (!channels || alpha === undefined) return undefined;
  const classes = keys.shape('predictions/kernel')?.[1];
  return { net: 'mobileNetV2', variant: 'keras', channels, classes, more: unusual({ alpha: [alpha, 1] }) };
};

export const squeezeNet: Family = (keys) => {
  const [size, , channels, width] = keys.shape('conv1/kernel') ?? [];
  if (!channels || !keys.has('fire2/squeeze1x1/kernel')) return undefined;
  const [net, usual] = size === 7 ? (['squeezeNet1_0', 96] as const) : (['squeezeNet1_1', 64] as const);
  const classes = keys.shape('conv10/kernel')?.[3];
  return { net, variant: 'keras', channels, classes, more: unusual({ width: [width, usual] }), names: 'keras-squeezenet' };
};

/** Keras 1's names, which this zoo took over. */
export const cifarDenseNetFast: Family = (keys) => {
  const [, , channels] = keys.shape('initial_conv2D/kernel') ?? [];
  const growthRate = keys.shape('convolution2d_1/kernel')?.[3];
  if (!channels || !growthRate || !keys.has('batchnormalization_3/gamma')) return undefined;
  // Three blocks of as many layers, and a transition behind two of them.
  const depth = keys.count(/^(convolution2d_\d+)\/kernel$/) - 2 + 4;
  const more = unusual({ depth: [depth, 40], growthRate: [growthRate, 12] });
  const classes = keys.shape('dense_1/kernel')?.[1];
  return { net: 'cifarDenseNetFast', variant: 'keras', channels, classes, more, names: 'titu1994' };
};
