import { convolutions } from './convolution.js';
import { matMuls } from './mat-mul.js';
import { normalizations } from './normalization.js';
import { pools } from './pooling.js';

/** Kernels of tfjs that ours replace on its own backends. */
export const replaced = [...convolutions, ...matMuls, ...pools, ...normalizations];
