import * as tf from '@tensorflow/tfjs-core';
import { cpuHost } from '../backends/cpu/host.js';
import '../backends/webgpu/flags.js';
import { ArgumentError } from '../geometry.js';
import { addHost } from '../op-kernels.js';
import type { Guest } from './guests.js';
import { installStandard, type Undo } from './install.js';
import { replaced } from './replaced.js';

const BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'] as const;

/** A backend that `accelerate` knows. */
export type AcceleratedBackend = (typeof BACKENDS)[number];

/** What is accelerated now, so that doing it twice does nothing twice. */
const active = new Map<string, Undo>();

/**
 * Puts this package's kernels under tfjs's own kernel names (`Conv2D`, `Conv2DBackpropFilter`, `MaxPoolGrad`, `BatchMatMul`, ...) on
 * one of tfjs's backends, and under the names of its own ops, so that an existing `tf.layers` model, or a net of this package, trains
 * there, faster, without a change. On `wasm` they run inside the backend's own memory, nothing is copied; there it also gains the
 * filter gradient it lacks, a right MaxPoolGrad and an Identity that does not copy. On `webgl` and `webgpu` they are programs of the
 * GPU, on `tensorflow` TensorFlow's own kernels, one where tfjs runs many. What ours do not do (int32, NCHW, complex broadcasts) stays
 * with the backend's kernels.
 *
 * @param backend 'cpu', 'wasm', 'webgl', 'webgpu' or 'tensorflow'; its package has to be imported. It is initialised if it is not yet;
 *                the current backend stays the current one
 * @returns a function that takes it all back
 * @throws ArgumentError for another name; Error where the backend cannot be initialised
 */
export async function accelerate(backend: AcceleratedBackend): Promise<Undo> {
  if (!BACKENDS.includes(backend)) {
    throw new ArgumentError(
      `accelerate: backend must be one of ${BACKENDS.map((name) => `'${name}'`).join(', ')}, got ${JSON.stringify(backend)}; 'wasm-cnn' has these kernels already, ` +
        'other backends run the ops and layers of this package composed of their own kernels',
    );
  }
  const before = active.get(backend);
  if (before) return before;
  const undo =
    backend === 'cpu'
      ? installStandard(cpuHost, replaced)
      : await accelerateGuest(backend, (await import('./guests.js')).guests[backend]);
  const undoOnce = () => {
    if (!active.delete(backend)) return;
    undo();
  };
  active.set(backend, undoOnce);
  return undoOnce;
}

async function accelerateGuest(name: string, { package: packageName, starting, host, standard }: Guest): Promise<Undo> {
  const current = tf.getBackend();
  if (!tf.findBackendFactory(name)) {
    throw new Error(`accelerate('${name}'): tfjs's ${name} backend is not loaded; ${packageName} has to be imported before`);
  }
  const start = () => tf.setBackend(name);
  if (!(await (starting ? starting(start) : start())))
    throw new Error(`accelerate('${name}'): tfjs's ${name} backend could not be initialised`);
  try {
    const found = await host();
    const undoOps = addHost(found);
    const undoStandard = installStandard(found, standard);
    return () => {
      undoStandard();
      undoOps();
    };
  } finally {
    if (current && current !== name) await tf.setBackend(current);
  }
}
