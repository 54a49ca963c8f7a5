import { backend as currentBackend } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../kernel-host.js';
import { onePerBackend } from '../one-per-backend.js';
import { tableHost } from '../table-host.js';
import { adapterOf, type WebgpuBackend } from './backend.js';
import { webgpuFamilies, webgpuKernels } from './kernels.js';
import { WebgpuRunner } from './runner.js';
import { subgroupsInOrder } from './subgroup-probe.js';
import { chooseTiles } from './tile-timing.js';
import { tileChoiceOf } from './tiles.js';

const runnerOf = onePerBackend((backend: WebgpuBackend) => new WebgpuRunner(backend));

/** tfjs's `webgpu` backend, the current one: kernels are WGSL. */
export async function webgpuHost(): Promise<KernelHost> {
  const backend = currentBackend() as unknown as WebgpuBackend;
  await chooseTiles(backend);
  const runner = runnerOf(backend);
  runner.tiles = tileChoiceOf(adapterOf(backend));
  runner.subgroups = await subgroupsInOrder(backend, runner);
  return { ...tableHost('webgpu', webgpuKernels, runnerOf, {}, webgpuFamilies), halfProducts: true, gatedUpdates: true };
}
