import {
  getKernel,
  type KernelBackend,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelHost } from '../backends/kernel-host.js';
import type { Named } from '../kernels.js';
import type { StandardKernel } from './standard-kernel.js';

/** Takes back what an installation did. */
export type Undo = () => void;

/**
 * Puts our kernels in the place of a backend's own ones of the same names. What ours do not do (another
 * dtype or data format) goes on to the backend's own.
 */
export function installStandard(host: KernelHost, kernels: readonly StandardKernel[]): Undo {
  const undo = kernels.map((kernel) => installOne(host, kernel));
  return () => {
    for (const takeBack of undo.reverse()) takeBack();
  };
}

/** What a kernel has just made. */
function valuesOf(backend: KernelBackend & { peek?(dataId: object): unknown }, { dataId }: TensorInfo): Float32Array {
  return (backend.peek?.(dataId) ?? backend.readSync(dataId)) as Float32Array;
}

function installOne(host: KernelHost, { kernelName, plan, share, compose, differs }: StandardKernel): Undo {
  const { backendName } = host;
  const own = getKernel(kernelName, backendName);
  const kernelFunc: KernelFunc = (params) => {
    const inputs = params.inputs as Named<TensorInfo>;
    const call = { inputs, attrs: params.attrs! };
    if (share) return share(call, params.backend);
    const planned = plan?.(call);
    const run = planned && (!host.has || host.has(planned.op, planned.part)) ? planned : undefined;
    if (run) {
      const outputs = host.run(run.op, run.part, run.inputs, run.geometry, params.backend);
      const [first] = outputs as [TensorInfo];
      if (!own || !differs?.(valuesOf(params.backend as KernelBackend, first))) {
        return outputs.length === 1 ? first : outputs;
      }
      for (const { dataId } of outputs) (params.backend as KernelBackend).disposeData(dataId, true);
    }
    const together = run ? undefined : compose?.(call);
    if (together) return together;
    if (own) return own.kernelFunc(params);
    const what = Object.entries(inputs).map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`);
    throw new Error(
      `${kernelName} on ${backendName} takes float32 tensors in NHWC here, got ${what.join(', ')}; cast them, or use another backend`,
    );
  };
  if (own) unregisterKernel(kernelName, backendName);
  registerKernel({ ...own, kernelName, backendName, kernelFunc });
  return () => {
    unregisterKernel(kernelName, backendName);
    if (own) registerKernel(own);
  };
}
