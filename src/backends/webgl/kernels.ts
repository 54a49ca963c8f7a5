import type { KernelTable } from '../../kernels.js';
import { webgl as conv2d } from '../../ops/conv2d/webgl.js';
import type { WebglRunner } from './runner.js';

/** The kernels of `webgl`, by op and part. */
export const webglKernels: KernelTable<WebglRunner> = {
  CnnConv2D: conv2d,
};
