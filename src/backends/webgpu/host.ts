import { backend as currentBackend } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../kernel-host.js';
import { tableHost } from '../table-host.js';
import type { WebgpuBackend } from './backend.js';
import { webgpuKernels } from './kernels.js';
import { WebgpuRunner } from './runner.js';
import { chooseTiles } from './tile-timing.js';
import { tileChoiceOf } from './tiles.js';

/** One for each backend, so that nothing is compiled again where kernels are taken back and put in once more. */
const runners = new WeakMap<object, WebgpuRunner>();

function runnerOf(backend: object): WebgpuRunner {
  const known = runners.get(backend);
  if (known) return known;
  const runner = new WebgpuRunner(backend as WebgpuBackend);
  runners.set(backend, runner);
  return runner;
}

/** tfjs's `webgpu` backend, the current one: kernels are WGSL. */
export async function webgpuHost(): Promise<KernelHost> {
  const backend = currentBackend() as unknown as WebgpuBackend;
  await chooseTiles(backend);
  runnerOf(backend).tiles = tileChoiceOf(backend.adapterInfo);
  return tableHost('webgpu', webgpuKernels, runnerOf);
}
