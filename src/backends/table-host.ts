import type { JoinedKernel, KernelTable, Parts, RunnerKernel } from '../kernels.js';
import type { KernelHost } from './kernel-host.js';

/**
 * A backend whose kernels stand in a table of their own.
 * @param runnerOf how work is launched on an instance of that backend
 * @param joined   of many calls of an op, by its name
 */
export function tableHost<Runner>(
  backendName: string,
  kernels: KernelTable<Runner>,
  runnerOf: (backend: object) => Runner,
  joined: Parts<JoinedKernel<Runner>> = {},
): KernelHost {
  return {
    backendName,
    has: ({ name }, part) => kernels[name]?.[part] !== undefined,
    run(op, part, inputs, geometry, backend) {
      const kernel = kernels[op.name]![part] as RunnerKernel<typeof geometry, Runner>;
      return kernel(inputs, geometry, runnerOf(backend));
    },
    joins: ({ name }) => joined[name] !== undefined,
    runJoined: ({ name }, calls, backend) => joined[name]!(calls, runnerOf(backend)),
  };
}
