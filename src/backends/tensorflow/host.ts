import type { KernelTable } from '../../kernels.js';
import type { KernelHost } from '../kernel-host.js';
import { onePerBackend } from '../one-per-backend.js';
import { tableHost } from '../table-host.js';
import type { NodeBackend } from './binding.js';
import { isFallingBack } from './composition.js';
import { tensorflowFamilies, tensorflowKernels } from './kernels.js';
import { type NativeAddon, nativeAddon } from './native.js';
import { nativeJoined, nativeKernels } from './native-kernels.js';
import { TensorflowRunner } from './runner.js';

const runnerOf = onePerBackend((backend) => new TensorflowRunner(backend));

/**
 * tfjs's `tensorflow` backend: kernels are TensorFlow's kernels, and native ops of our own where they are built.
 * @param backend that backend
 */
export function tensorflowHost(backend: object): KernelHost {
  const addon = nativeAddon();
  const native = addon !== undefined && runsHere(addon, backend as NodeBackend);
  runnerOf(backend).native = native ? addon.ops : [];
  const host = native
    ? tableHost('tensorflow', over(nativeKernels, tensorflowKernels), runnerOf, nativeJoined, tensorflowFamilies)
    : tableHost('tensorflow', tensorflowKernels, runnerOf, {}, tensorflowFamilies);
  return { ...host, has: (op, part) => !isFallingBack() && host.has!(op, part) };
}

/** On a GPU ops for the CPU would have everything copied to and fro. */
function runsHere(addon: NativeAddon, { isUsingGpuDevice }: NodeBackend): boolean {
  return !isUsingGpuDevice || addon.gpu;
}

/** Two tables as one; parts that the upper one has go before the lower one's. */
function over(upper: KernelTable<TensorflowRunner>, lower: KernelTable<TensorflowRunner>): KernelTable<TensorflowRunner> {
  const both = { ...lower };
  for (const [op, parts] of Object.entries(upper)) both[op] = { ...lower[op], ...parts };
  return both;
}
