import type { KernelHost } from '../kernel-host.js';
import { wasmCnnHost } from '../wasm-cnn/host.js';

/** wasm-cnn's kernels on a backend that only counts what they would allocate. */
export const meterHost: KernelHost = { ...wasmCnnHost, backendName: 'cnn-meter' };
