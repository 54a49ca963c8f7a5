import { backend as currentBackend } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../kernel-host.js';
import { tableHost } from '../table-host.js';
import type { WebgpuBackend } from './backend.js';
import { webgpuKernels } from './kernels.js';
import { WebgpuRunner } from './runner.js';
import { chooseTiles } from './tile-timing.js';

/** tfjs's `webgpu` backend, the current one: kernels are WGSL. */
export async function webgpuHost(): Promise<KernelHost> {
  await chooseTiles(currentBackend() as unknown as WebgpuBackend);
  const runners = new WeakMap<object, WebgpuRunner>();
  return tableHost('webgpu', webgpuKernels, (backend) => {
    let runner = runners.get(backend);
    if (!runner) {
      runner = new WebgpuRunner(backend as WebgpuBackend);
      runners.set(backend, runner);
    }
    return runner;
  });
}
