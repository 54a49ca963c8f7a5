/** tfjs's tensors, and the handles that tfjs-node's addon knows them by. */
import { type DataType, engine, type KernelBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { NodeBackend } from './binding.js';

/** The handle of a tensor, whose values may not have left JavaScript yet. */
export function handleOf({ tensorMap, binding }: NodeBackend, { dataId }: TensorInfo): number {
  const entry = tensorMap.get(dataId);
  if (entry.values !== null) {
    entry.id = binding.createTensor(entry.shape, entry.dtype, entry.values);
    entry.values = null;
  }
  return entry.id;
}

/** One more handle of the same numbers. */
export function sharedHandle({ binding }: NodeBackend, handle: number): number {
  return binding.executeOp('Identity', [], [handle], 1)[0]!.id;
}

/** A tensor that owns a handle. */
export function tensorOf(backend: NodeBackend, id: number, shape: readonly number[], dtype: DataType): Tensor {
  const info = { dataId: {}, shape: [...shape], dtype };
  backend.tensorMap.set(info.dataId, { shape: info.shape, dtype: backend.getDTypeInteger(dtype), id, values: null, refCount: 1 });
  return engine().makeTensorFromTensorInfo(info, backend as unknown as KernelBackend);
}

/** The handle of a tensor that is given up; where others share its numbers one of its own. */
export function releasedHandle(backend: NodeBackend, tensor: Tensor): number {
  const handle = handleOf(backend, tensor);
  const entry = backend.tensorMap.get(tensor.dataId);
  const shared = entry.refCount > 1;
  const released = shared ? sharedHandle(backend, handle) : handle;
  // What has no handle takes none along.
  if (!shared) entry.id = -1;
  tensor.dispose();
  return released;
}
