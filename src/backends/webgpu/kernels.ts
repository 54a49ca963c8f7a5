import type { KernelTable } from '../../kernels.js';
import { webgpu as conv2d } from '../../ops/conv2d/webgpu.js';
import type { WebgpuRunner } from './runner.js';

/** The kernels of `webgpu`, by op and part. */
export const webgpuKernels: KernelTable<WebgpuRunner> = {
  CnnConv2D: conv2d,
};
