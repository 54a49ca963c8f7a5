import type { KernelTable } from '../../kernels.js';
import type { TensorflowRunner } from './runner.js';

/** The kernels of `tensorflow`, by op and part. */
export const tensorflowKernels: KernelTable<TensorflowRunner> = {};
