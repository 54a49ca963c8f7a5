import { getKernel, type KernelConfig, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from './backend.js';

/**
 * tfjs's `cpu` casts int32 and bool to float32 by calling the same array float32. JavaScript cannot tell,
 * but a kernel that reads memory can: here the numbers are converted.
 */
const kernelFunc: KernelFunc = (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  if ((call.attrs as unknown as { dtype: string }).dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) {
    return getKernel('Cast', 'cpu').kernelFunc(call);
  }
  const backend = call.backend as WasmCnnBackend;
  const values = backend.data.get(x.dataId).values as Int32Array | Uint8Array;
  return backend.makeTensorInfo(x.shape, 'float32', Float32Array.from(values));
};

export const castKernel: KernelConfig = { kernelName: 'Cast', backendName: 'wasm-cnn', kernelFunc };
