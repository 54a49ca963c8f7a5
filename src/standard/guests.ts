import { backend } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../backends/kernel-host.js';
import { stockWasmHost } from '../backends/wasm/host.js';
import type { AcceleratedBackend } from './accelerate.js';
import { composed } from './composed.js';
import { identity } from './identity.js';
import { replaced } from './replaced.js';
import { reshape } from './reshape.js';
import type { StandardKernel } from './standard-kernel.js';
import { sum } from './sum.js';

/** On a GPU outputs are not looked at: that would wait for them. */
const unseen = replaced.map((kernel): StandardKernel => ({ ...kernel, differs: undefined }));

/** tfjs's MaxPool is TensorFlow's already; ours would have to be looked at for NaN. */
const beyondTensorflow = replaced.filter(({ kernelName }) => kernelName !== 'MaxPool');

/** tfjs's wasm backend does less than its cpu: what neither has in one kernel is put together. */
function withComposition(kernel: StandardKernel): StandardKernel {
  return { ...kernel, compose: (call) => composed(kernel.kernelName, call) };
}

/** A backend of tfjs that runs kernels of ours once they are installed. */
export interface Guest {
  /** The package that registers it. */
  readonly package: string;
  /** Runs what makes that backend, where it is not there yet, so that it is made as our kernels want it. */
  starting?(start: () => Promise<boolean>): Promise<boolean>;
  /** Called while that backend is the current one. */
  host(): Promise<KernelHost>;
  /** Kernels of tfjs's own that ours replace there. */
  readonly standard: readonly StandardKernel[];
}

/** All of them but `cpu`, whose kernels come with the ops. They are loaded when one is accelerated. */
export const guests: Readonly<Record<Exclude<AcceleratedBackend, 'cpu'>, Guest>> = {
  wasm: {
    package: '@tensorflow/tfjs-backend-wasm',
    host: stockWasmHost,
    standard: [...replaced.map(withComposition), identity],
  },
  webgl: {
    package: '@tensorflow/tfjs-backend-webgl',
    host: async () => (await import('../backends/webgl/host.js')).webglHost(),
    standard: [...unseen, reshape, sum],
  },
  webgpu: {
    package: '@tensorflow/tfjs-backend-webgpu',
    starting: async (start) => (await import('../backends/webgpu/features.js')).withFeatures(start),
    host: async () => (await import('../backends/webgpu/host.js')).webgpuHost(),
    standard: unseen,
  },
  tensorflow: {
    package: '@tensorflow/tfjs-node',
    host: async () => (await import('../backends/tensorflow/host.js')).tensorflowHost(backend()),
    standard: beyondTensorflow,
  },
};
