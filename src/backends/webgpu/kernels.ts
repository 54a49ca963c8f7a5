import type { KernelTable } from '../../kernels.js';
import type { WebgpuRunner } from './runner.js';

/** The kernels of `webgpu`, by op and part. */
export const webgpuKernels: KernelTable<WebgpuRunner> = {};
