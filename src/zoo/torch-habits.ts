/** How most of PyTorch's nets begin and normalise. */
import { heNormal } from '../initializers/index.js';
import type { Normalization } from '../layers/block-parts.js';
import type { Start } from './draft.js';

/** Defaults of torch.nn.BatchNorm2d, whose momentum is the share of the new statistics: 0.1. */
export const torchNormalization: Normalization = { epsilon: 1e-5, momentum: 0.9, unbiasedVariance: true };

/** He's normal numbers that keep the variance of gradients, kaiming_normal_ with mode='fan_out'. */
export const heFanOut: Start = ({ seed }) => heNormal({ seed, mode: 'fanOut' });
