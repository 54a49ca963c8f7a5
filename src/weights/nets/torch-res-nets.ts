/** ResNets by torchvision's and timm's names, and those for CIFAR. */
import type { NetName } from '../../zoo/catalog.js';
import type { Keys } from '../keys/keys.js';
import { type Family, unusual } from './finding.js';

/** By blocks of each stage, groups of the 3x3 convolutions and channels of a group; 0 groups: two 3x3 convolutions a block. */
const RES_NETS: Readonly<Record<string, NetName>> = {
  '2,2,2,2 0': 'resNet18',
  '3,4,6,3 0': 'resNet34',
  '3,4,6,3 1x64': 'resNet50',
  '3,4,23,3 1x64': 'resNet101',
  '3,8,36,3 1x64': 'resNet152',
  '3,4,6,3 32x4': 'resNeXt50_32x4d',
  '3,4,23,3 32x8': 'resNeXt101_32x8d',
  '3,4,6,3 1x128': 'wideResNet50_2',
  '3,4,23,3 1x128': 'wideResNet101_2',
};

const PRE_ACTIVATED: Partial<Record<NetName, NetName>> = {
  resNet50: 'resNet50V2',
  resNet101: 'resNet101V2',
  resNet152: 'resNet152V2',
};

const CIFAR_DEPTHS: Readonly<Record<number, NetName>> = {
  20: 'cifarResNet20',
  32: 'cifarResNet32',
  44: 'cifarResNet44',
  56: 'cifarResNet56',
  110: 'cifarResNet110',
};

const blocksOf = (keys: Keys, stage: number) => keys.count(new RegExp(`^layer${stage}\\.(\\d+)\\.conv1\\.weight$`));

export const torchResNet: Family = (keys) => {
  const [width, channels, size] = keys.shape('conv1.weight') ?? [];
  if (size !== 7 || !keys.has('layer4.0.conv1.weight')) return undefined;
  const depths = [1, 2, 3, 4].map((stage) => blocksOf(keys, stage));
  const [inner, inputs] = keys.shape('layer1.0.conv2.weight') ?? [];
  const groups = keys.has('layer1.0.conv3.weight') ? inner! / inputs! : 0;
  const groupWidth = groups && (inner! / groups) * (64 / width!);
  const net = RES_NETS[`${depths} ${groups ? `${groups}x${groupWidth}` : 0}`];
  if (!net) return undefined;
  const more = unusual({ width: [width, 64] });
  const found = { channels: channels!, classes: keys.shape('fc.weight')?.[0], more };
  if (keys.has('bn1.weight')) return { net, variant: 'torch', ...found };
  // This zoo's own: v2 has its only normalisation outside of the blocks at the end.
  const v2 = PRE_ACTIVATED[net];
  return v2 && keys.has('norm.weight') ? { net: v2, variant: 'paper', ...found, names: 'tfjs-cnn' } : undefined;
};

/** After akamaster's names, which this zoo took over. */
export const cifarResNet: Family = (keys) => {
  const [width, channels, size] = keys.shape('conv1.weight') ?? [];
  if (size !== 3 || !keys.has('layer3.0.conv1.weight') || keys.has('layer4.0.conv1.weight')) return undefined;
  const blocks = [1, 2, 3].map((stage) => blocksOf(keys, stage));
  const net = CIFAR_DEPTHS[6 * blocks[0]! + 2];
  if (!net || blocks.some((count) => count !== blocks[0]) || keys.has('layer1.0.conv3.weight')) return undefined;
  const more = unusual({
    width: [width, 16],
    shortcut: [keys.has('layer2.0.shortcut.0.weight') ? 'B' : 'A', 'A'],
    // Its only normalisation outside of the blocks stands at the end.
    preActivation: [keys.shape('bn1.weight')?.[0] !== width, false],
  });
  const classes = keys.shape('linear.weight')?.[0];
  return { net, variant: 'torch', channels: channels!, classes, more, names: 'akamaster', pictures: 'torchWhole' };
};

export const cifarWideResNet: Family = (keys) => {
  const [, channels] = keys.shape('conv1.weight') ?? [];
  const [filters] = keys.shape('block1.layer.0.conv1.weight') ?? [];
  if (!filters || !channels) return undefined;
  const depth = 6 * keys.count(/^block1\.layer\.(\d+)\.conv1\.weight$/) + 4;
  const more = unusual({ depth: [depth, 28], widenFactor: [filters / 16, 10] });
  const classes = keys.shape('fc.weight')?.[0];
  return { net: 'cifarWideResNet', variant: 'torch', channels, classes, more, names: 'WideResNet-pytorch' };
};
