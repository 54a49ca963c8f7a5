import type { KernelTable, RunnerKernel } from '../kernels.js';
import type { KernelHost } from './kernel-host.js';

/**
 * A backend whose kernels stand in a table of their own.
 * @param runnerOf how work is launched on an instance of that backend
 */
export function tableHost<Runner>(
  backendName: string,
  kernels: KernelTable<Runner>,
  runnerOf: (backend: object) => Runner,
): KernelHost {
  return {
    backendName,
    has: ({ name }, part) => kernels[name]?.[part] !== undefined,
    run(op, part, inputs, geometry, backend) {
      const kernel = kernels[op.name]![part] as RunnerKernel<typeof geometry, Runner>;
      return kernel(inputs, geometry, runnerOf(backend));
    },
  };
}
