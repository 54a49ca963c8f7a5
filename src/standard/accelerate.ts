import * as tf from '@tensorflow/tfjs-core';
import { cpuHost } from '../backends/cpu/host.js';
import type { KernelHost } from '../backends/kernel-host.js';
import { stockWasmHost } from '../backends/wasm/host.js';
import { installKernel, kernelName, ops } from '../define-op.js';
import { ArgumentError } from '../geometry.js';
import { composed } from './composed.js';
import { convolutions } from './convolution.js';
import { identity } from './identity.js';
import { installStandard, type Undo } from './install.js';
import { matMuls } from './mat-mul.js';
import { normalizations } from './normalization.js';
import { pools } from './pooling.js';
import type { StandardKernel } from './standard-kernel.js';

/** Kernels of tfjs that ours replace on its own backends. */
const replaced = [...convolutions, ...matMuls, ...pools, ...normalizations];

/** What is accelerated now, so that doing it twice does nothing twice. */
const active = new Map<string, Undo>();

/**
 * Puts this package's kernels under tfjs's own kernel names (`Conv2D`, `Conv2DBackpropFilter`,
 * `MaxPoolGrad`, `BatchMatMul`, ...) on one of tfjs's backends, so that an existing `tf.layers` model trains
 * there, faster, without a change. On `wasm` they run inside the backend's own memory, nothing is
 * copied; there it also gains the filter gradient it lacks, a right MaxPoolGrad and an Identity that does
 * not copy. What ours do not do (int32, NCHW, complex broadcasts) stays with the backend's kernels.
 *
 * @param backend 'cpu' or 'wasm'; the backend is initialised if it is not yet
 * @returns a function that takes it all back
 * @throws ArgumentError for another name; Error where the backend cannot be initialised
 */
export async function accelerate(backend: 'cpu' | 'wasm'): Promise<Undo> {
  if (backend !== 'cpu' && backend !== 'wasm') {
    throw new ArgumentError(
      `accelerate: backend must be 'cpu' or 'wasm', got ${JSON.stringify(backend)}; 'wasm-cnn' has these kernels already, ` +
        'other backends run the ops and layers of this package with kernels of their own',
    );
  }
  const before = active.get(backend);
  if (before) return before;
  const undo = backend === 'cpu' ? installStandard(cpuHost, replaced) : await accelerateWasm();
  const undoOnce = () => {
    if (!active.delete(backend)) return;
    undo();
  };
  active.set(backend, undoOnce);
  return undoOnce;
}

async function accelerateWasm(): Promise<Undo> {
  const current = tf.getBackend();
  if (!tf.findBackendFactory('wasm')) {
    throw new Error("accelerate('wasm'): tfjs's wasm backend is not loaded; import '@tensorflow/tfjs-backend-wasm' first");
  }
  if (!(await tf.setBackend('wasm'))) throw new Error("accelerate('wasm'): tfjs's wasm backend could not be initialised");
  try {
    const host = await stockWasmHost();
    const undoOps = installOwn(host);
    const undoStandard = installStandard(host, [...replaced.map(withComposition), identity]);
    return () => {
      undoStandard();
      undoOps();
    };
  } finally {
    if (current && current !== 'wasm') await tf.setBackend(current);
  }
}

/** tfjs's wasm backend does less than its cpu: what neither has in one kernel is put together. */
function withComposition(kernel: StandardKernel): StandardKernel {
  return { ...kernel, compose: (call) => composed(kernel.kernelName, call) };
}

/** The package's own ops on that backend too, in the place of their portable form. */
function installOwn(host: KernelHost): Undo {
  const names: string[] = [];
  for (const op of ops.values()) {
    for (const part of Object.keys(op.parts)) {
      const name = kernelName(op.name, part);
      if (tf.getKernel(name, host.backendName)) tf.unregisterKernel(name, host.backendName);
      installKernel(host, op, part);
      names.push(name);
    }
  }
  // Without a kernel the portable form comes back on next use.
  return () => {
    for (const name of names) tf.unregisterKernel(name, host.backendName);
  };
}
