import type { KernelHost } from '../kernel-host.js';
import { tableHost } from '../table-host.js';
import { isFallingBack } from './composition.js';
import { tensorflowKernels } from './kernels.js';
import { TensorflowRunner } from './runner.js';

/** tfjs's `tensorflow` backend: kernels are TensorFlow's kernels. */
export function tensorflowHost(): KernelHost {
  const runners = new WeakMap<object, TensorflowRunner>();
  const host = tableHost('tensorflow', tensorflowKernels, (backend) => {
    let runner = runners.get(backend);
    if (!runner) {
      runner = new TensorflowRunner(backend);
      runners.set(backend, runner);
    }
    return runner;
  });
  return { ...host, has: (op, part) => !isFallingBack() && host.has!(op, part) };
}
