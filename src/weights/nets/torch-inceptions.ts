/** GoogLeNet and Inception v3 by torchvision's and timm's names. */
import { type Family, unusual } from './finding.js';

/** Of a torch net that may have auxiliary classifiers, whose weights only training needs. */
export const AUXILIARY = /^(aux1|aux2|AuxLogits)\./;

export const googLeNet: Family = (keys) => {
  const [width, channels] = keys.shape('conv1.conv.weight') ?? [];
  if (!channels || !keys.has('inception3a.branch1.conv.weight')) return undefined;
  const classes = keys.shape('fc.weight')?.[0];
  return { net: 'googLeNet', variant: 'torch', channels, classes, more: unusual({ width: [width, 64] }) };
};

export const inceptionV3: Family = (keys) => {
  const [width, channels] = keys.shape('Conv2d_1a_3x3.conv.weight') ?? [];
  if (!channels || !keys.has('Mixed_5b.branch1x1.conv.weight')) return undefined;
  const classes = keys.shape('fc.weight')?.[0];
  return { net: 'inceptionV3', variant: 'torch', channels, classes, more: unusual({ width: [width, 32] }) };
};
