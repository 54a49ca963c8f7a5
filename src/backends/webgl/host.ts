import type { KernelHost } from '../kernel-host.js';
import { tableHost } from '../table-host.js';
import { webglKernels } from './kernels.js';
import { WebglRunner } from './runner.js';

/** tfjs's `webgl` backend: kernels are GLSL programs. */
export function webglHost(): KernelHost {
  const runners = new WeakMap<object, WebglRunner>();
  return tableHost('webgl', webglKernels, (backend) => {
    let runner = runners.get(backend);
    if (!runner) {
      runner = new WebglRunner(backend);
      runners.set(backend, runner);
    }
    return runner;
  });
}
