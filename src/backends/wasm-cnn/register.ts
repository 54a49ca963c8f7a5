import '@tensorflow/tfjs-backend-cpu';
import { getKernel, getKernelsForBackend, type KernelConfig, registerBackend, registerKernel } from '@tensorflow/tfjs-core';
import { WasmCnnBackend } from './backend.js';
import { castKernel } from './cast.js';
import { CnnRuntime } from './runtime.js';

/** Above tfjs's cpu (1) and wasm (2), below the GPU's backends (webgl 2 is kept first by asking for it). */
const PRIORITY = 2;

registerBackend('wasm-cnn', async () => new WasmCnnBackend(await CnnRuntime.create()), PRIORITY);

/** The kernel, telling a backend's listener of itself. */
function told(kernel: KernelConfig): KernelConfig {
  const { kernelFunc } = kernel;
  return {
    ...kernel,
    backendName: 'wasm-cnn',
    kernelFunc: (call) => {
      const { listener } = call.backend as WasmCnnBackend;
      return listener ? listener.runStock(kernel, call) : kernelFunc(call);
    },
  };
}

registerKernel(told(castKernel));
// Every other op of tfjs works on it: a tensor's `values` are what the kernels of `cpu` expect.
for (const kernel of getKernelsForBackend('cpu')) {
  const { kernelName } = kernel;
  if (!kernelName.startsWith('Cnn') && !getKernel(kernelName, 'wasm-cnn')) registerKernel(told(kernel));
}
