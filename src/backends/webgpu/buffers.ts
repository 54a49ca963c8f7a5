import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from './backend.js';

/** A tensor's buffer, with the values that were written to the tensor, if any. */
export function bufferOf(backend: WebgpuBackend, { dataId }: Pick<TensorInfo, 'dataId'>): GPUBuffer {
  backend.uploadToGPU(dataId);
  return backend.tensorMap.get(dataId).resource as GPUBuffer;
}

/** Launches the copy of a whole buffer. */
export function copyBuffer(backend: WebgpuBackend, from: GPUBuffer, to: GPUBuffer): void {
  backend.endComputePassEncoder();
  backend.ensureCommandEncoderReady();
  backend.commandEncoder!.copyBufferToBuffer(from, 0, to, 0, from.size);
}

/** Sends what was launched to the GPU. */
export function submit(backend: WebgpuBackend): void {
  backend.endComputePassEncoder();
  if (backend.commandEncoder) backend.submitQueue();
}
