/** tfjs's tensors, and the handles that tfjs-node's addon knows them by. */
import { type DataType, engine, type KernelBackend, Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { NodeBackend } from './binding.js';

/** In the place of a handle: none. */
export const NONE = -1;

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
export function tensorOf(backend: NodeBackend, handle: number, shape: readonly number[], dtype: DataType): Tensor {
  const info = infoOf(backend, handle, shape, dtype, 1);
  return engine().makeTensorFromTensorInfo(info, backend as unknown as KernelBackend);
}

/** A tensor that has a handle on loan: tfjs's engine does not count it, and whoever shares its numbers is not their only owner. */
export function lentTensor(backend: NodeBackend, handle: number, shape: readonly number[], dtype: DataType): Tensor {
  const { dataId, shape: own } = infoOf(backend, handle, shape, dtype, 2);
  return new Tensor(own, dtype, dataId, -1);
}

/** Ends the loan. */
export function takeBack(backend: NodeBackend, { dataId }: Tensor): void {
  // What has no handle takes none along.
  backend.tensorMap.get(dataId).id = NONE;
  backend.disposeData(dataId, true);
  engine().removeDataId(dataId, backend as unknown as KernelBackend);
}

/** The handle of a kernel's output, which is given up; where others share its numbers one of its own. */
export function releasedHandle(backend: NodeBackend, output: TensorInfo): number {
  const handle = handleOf(backend, output);
  const entry = backend.tensorMap.get(output.dataId);
  const shared = entry.refCount > 1;
  const released = shared ? sharedHandle(backend, handle) : handle;
  if (!shared) entry.id = NONE;
  if (output instanceof Tensor) output.dispose();
  else backend.disposeData(output.dataId);
  return released;
}

function infoOf(backend: NodeBackend, id: number, of: readonly number[], dtype: DataType, refCount: number): TensorInfo {
  const info = { dataId: {}, shape: [...of], dtype };
  backend.tensorMap.set(info.dataId, { shape: info.shape, dtype: backend.getDTypeInteger(dtype), id, values: null, refCount });
  return info;
}
