import type { JoinedKernel, KernelFamilies, KernelTable, Parts, RunnerKernel } from '../kernels.js';
import type { KernelHost } from './kernel-host.js';

/**
 * A backend whose kernels stand in a table of their own.
 * @param runnerOf how work is launched on an instance of that backend
 * @param joined   of many calls of an op, by its name
 * @param families of ops that are not in the table
 */
export function tableHost<Runner>(
  backendName: string,
  kernels: KernelTable<Runner>,
  runnerOf: (backend: object) => Runner,
  joined: Parts<JoinedKernel<Runner>> = {},
  families: KernelFamilies<Runner> = {},
): KernelHost {
  const made = new Map<string, ReturnType<typeof make>>();
  const make = (name: string) => {
    const family = Object.keys(families).find((beginning) => name.startsWith(beginning));
    return family === undefined ? undefined : families[family]!(name.slice(family.length));
  };
  const partsOf = (name: string) => {
    if (!made.has(name)) made.set(name, kernels[name] ?? make(name));
    return made.get(name);
  };
  return {
    backendName,
    has: ({ name }, part) => partsOf(name)?.[part] !== undefined,
    run(op, part, inputs, geometry, backend) {
      const kernel = partsOf(op.name)![part] as RunnerKernel<typeof geometry, Runner>;
      return kernel(inputs, geometry, runnerOf(backend));
    },
    joins: ({ name }) => joined[name] !== undefined,
    runJoined: ({ name }, calls, backend) => joined[name]!(calls, runnerOf(backend)),
  };
}
