import type { KernelHost } from '../kernel-host.js';
import { tableHost } from '../table-host.js';
import type { WebgpuBackend } from './backend.js';
import { webgpuKernels } from './kernels.js';
import { WebgpuRunner } from './runner.js';

/** tfjs's `webgpu` backend: kernels are WGSL. */
export function webgpuHost(): KernelHost {
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
