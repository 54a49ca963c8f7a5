import * as tf from '@tensorflow/tfjs-core';
import { cpuHost } from '../backends/cpu/host.js';
import type { KernelHost } from '../backends/kernel-host.js';
import { stockWasmHost } from '../backends/wasm/host.js';
import '../backends/webgpu/flags.js';
import { addHost } from '../define-op.js';
import { ArgumentError } from '../geometry.js';
import { composed } from './composed.js';
import { convolutions } from './convolution.js';
import { identity } from './identity.js';
import { installStandard, type Undo } from './install.js';
import { matMuls } from './mat-mul.js';
import { normalizations } from './normalization.js';
import { pools } from './pooling.js';
import { reshape } from './reshape.js';
import type { StandardKernel } from './standard-kernel.js';
import { sum } from './sum.js';

/** Kernels of tfjs that ours replace on its own backends. */
const replaced = [...convolutions, ...matMuls, ...pools, ...normalizations];

/** On a GPU outputs are not looked at: that would wait for them. */
const unseen = replaced.map((kernel): StandardKernel => ({ ...kernel, differs: undefined }));

/** tfjs's MaxPool is TensorFlow's already; ours would have to be looked at for NaN. */
const beyondTensorflow = replaced.filter(({ kernelName }) => kernelName !== 'MaxPool');

/** tfjs's wasm backend does less than its cpu: what neither has in one kernel is put together. */
function withComposition(kernel: StandardKernel): StandardKernel {
  return { ...kernel, compose: (call) => composed(kernel.kernelName, call) };
}

/** A backend of tfjs that runs kernels of ours once they are installed. */
interface Guest {
  /** The package that registers it. */
  readonly package: string;
  /** Called while that backend is the current one. */
  host(): Promise<KernelHost>;
  readonly standard: readonly StandardKernel[];
}

const guests = {
  wasm: {
    package: '@tensorflow/tfjs-backend-wasm',
    host: stockWasmHost,
    standard: [...replaced.map(withComposition), identity],
  },
  webgl: {
    package: '@tensorflow/tfjs-backend-webgl',
    host: async () => (await import('../backends/webgl/host.js')).webglHost(),
    standard: [...unseen, reshape, sum],
  },
  webgpu: {
    package: '@tensorflow/tfjs-backend-webgpu',
    host: async () => (await import('../backends/webgpu/host.js')).webgpuHost(),
    standard: unseen,
  },
  tensorflow: {
    package: '@tensorflow/tfjs-node',
    host: async () => (await import('../backends/tensorflow/host.js')).tensorflowHost(tf.backend()),
    standard: beyondTensorflow,
  },
} satisfies Record<string, Guest>;

/** A backend that `accelerate` knows. */
export type AcceleratedBackend = 'cpu' | keyof typeof guests;

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
  if (backend !== 'cpu' && !Object.hasOwn(guests, backend)) {
    const names = ['cpu', ...Object.keys(guests)].map((name) => `'${name}'`);
    throw new ArgumentError(
      `accelerate: backend must be one of ${names.join(', ')}, got ${JSON.stringify(backend)}; 'wasm-cnn' has these kernels already, ` +
        'other backends run the ops and layers of this package composed of their own kernels',
    );
  }
  const before = active.get(backend);
  if (before) return before;
  const undo = backend === 'cpu' ? installStandard(cpuHost, replaced) : await accelerateGuest(backend, guests[backend]);
  const undoOnce = () => {
    if (!active.delete(backend)) return;
    undo();
  };
  active.set(backend, undoOnce);
  return undoOnce;
}

async function accelerateGuest(name: string, { package: packageName, host, standard }: Guest): Promise<Undo> {
  const current = tf.getBackend();
  if (!tf.findBackendFactory(name)) {
    throw new Error(`accelerate('${name}'): tfjs's ${name} backend is not loaded; import '${packageName}' first`);
  }
  if (!(await tf.setBackend(name))) throw new Error(`accelerate('${name}'): tfjs's ${name} backend could not be initialised`);
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
