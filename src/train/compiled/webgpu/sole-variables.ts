import { engine, type Variable } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from '../../../backends/webgpu/backend.js';

/** Gives a variable data of its own where other tensors share them: a step writes over them. */
export function makeSole(backend: WebgpuBackend, variable: Variable): void {
  const { dataId, shape, dtype } = variable;
  if (backend.refCount(dataId) === 1) return;
  backend.uploadToGPU(dataId);
  const entry = backend.tensorMap.get(dataId);
  const own = backend.makeTensorInfo(shape, entry.dtype as 'float32');
  backend.uploadToGPU(own.dataId);
  const [from, to] = [entry.resource, backend.tensorMap.get(own.dataId).resource] as [GPUBuffer, GPUBuffer];
  backend.endComputePassEncoder();
  backend.ensureCommandEncoderReady();
  backend.commandEncoder!.copyBufferToBuffer(from, 0, to, 0, from.size);
  const copy = engine().makeTensorFromTensorInfo({ ...own, dtype });
  variable.assign(copy);
  copy.dispose();
}
