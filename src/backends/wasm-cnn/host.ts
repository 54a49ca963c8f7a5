import type { KernelHost } from '../kernel-host.js';
import { type LinearBackend, runInLinearMemory } from '../linear-memory.js';

/** Our own backend: kernels are WebAssembly. */
export const wasmCnnHost: KernelHost = {
  backendName: 'wasm-cnn',
  run: (op, part, inputs, geometry, backend) => runInLinearMemory(op, part, inputs, geometry, backend as LinearBackend),
};
