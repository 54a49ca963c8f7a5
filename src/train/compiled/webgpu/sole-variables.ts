import { engine, type Variable } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from '../../../backends/webgpu/backend.js';
import { bufferOf, copyBuffer } from '../../../backends/webgpu/buffers.js';

/** Gives a variable data of its own where other tensors share them: a step writes over them. */
export function makeSole(backend: WebgpuBackend, variable: Variable): void {
  const { dataId, shape, dtype } = variable;
  if (backend.refCount(dataId) === 1) return;
  const own = backend.makeTensorInfo(shape, backend.tensorMap.get(dataId).dtype as 'float32');
  copyBuffer(backend, bufferOf(backend, variable), bufferOf(backend, own));
  const copy = engine().makeTensorFromTensorInfo({ ...own, dtype });
  variable.assign(copy);
  copy.dispose();
}
