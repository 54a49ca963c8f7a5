import { type DataType, engine, getKernel, getKernelsForBackend, type KernelFunc, registerKernel } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../wasm-cnn/backend.js';
import { processors } from '../wasm-cnn/engine.js';
import { meterHost } from './host.js';
import { MeterBackend } from './meter-backend.js';
import { MeterRuntime } from './meter-runtime.js';

const NAME = meterHost.backendName;

/** tfjs's kernels that only fill: here without the work. */
const blank: KernelFunc = ({ inputs, attrs, backend }) => {
  const { shape, dtype = 'float32' } = (inputs['x'] ?? attrs) as unknown as { shape: number[]; dtype?: DataType };
  return (backend as MeterBackend).makeTensorInfo(shape, dtype);
};

const FILLING = ['Fill', 'OnesLike', 'ZerosLike'];

/** wasm-cnn's kernels of tfjs; ops bring theirs. */
function installKernels(): void {
  for (const kernelName of FILLING) {
    if (!getKernel(kernelName, NAME)) registerKernel({ kernelName, backendName: NAME, kernelFunc: blank });
  }
  for (const kernel of getKernelsForBackend('wasm-cnn')) {
    if (!getKernel(kernel.kernelName, NAME)) registerKernel({ ...kernel, backendName: NAME });
  }
}

/** Threads and tiles as wasm-cnn has them where it runs already. */
function likeWasmCnn(): MeterRuntime {
  const running = engine().registry['wasm-cnn'] as WasmCnnBackend | undefined;
  return new MeterRuntime(running?.runtime.threads ?? processors(), running?.runtime.wide ?? false);
}

/**
 * Runs `work` on a backend that counts what it would allocate on wasm-cnn, and computes nothing. The current
 * backend is another one meanwhile; `work` has to dispose what it makes, and to end before it returns.
 */
export function onMeter<T>(work: (meter: MeterBackend) => T): T {
  installKernels();
  const tfjs = engine();
  const { backendName } = tfjs;
  if (backendName && !tfjs.registry[backendName]) {
    throw new Error(`the backend '${backendName}' is not ready yet: await tf.ready() first`);
  }
  const meter = new MeterBackend(likeWasmCnn());
  tfjs.registerBackend(NAME, () => meter, -1);
  try {
    // The promise says nothing new: of a backend that is there setBackend takes effect before it returns.
    void tfjs.setBackend(NAME);
    return work(meter);
  } finally {
    if (backendName) void tfjs.setBackend(backendName);
    tfjs.removeBackend(NAME);
  }
}
