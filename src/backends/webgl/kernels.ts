import type { KernelTable } from '../../kernels.js';
import type { WebglRunner } from './runner.js';

/** The kernels of `webgl`, by op and part. */
export const webglKernels: KernelTable<WebglRunner> = {};
