import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import type { KernelHost, ReadyOp } from './kernel-host.js';
import type { KernelListener } from './kernel-listener.js';
import type { WasmRuntime } from './wasm-runtime.js';

/** A backend whose tensors are addresses in one linear memory, on which WebAssembly kernels run. */
export interface LinearBackend {
  readonly runtime: WasmRuntime & { endKernel(): void };
  /** While a step is recorded. */
  readonly listener?: KernelListener;
  /** Address of a tensor's values; `what` names them, for the message at the limit of memory. */
  address(tensor: TensorInfo, what: string): number;
  /** A new float32 tensor, not cleared. */
  create(shape: number[], what: string): { info: TensorInfo; pointer: number };
  disposeData(dataId: object): boolean;
  /** Tensors that share the data. */
  refCount(dataId: object): number;
  incRef(dataId: object): void;
}

/** Runs one part of an op with its WebAssembly kernel: the `run` of every host whose kernels these are. */
export function runInLinearMemory<Geometry extends object>(
  op: ReadyOp<Geometry>,
  part: string,
  inputs: Named<TensorInfo>,
  geometry: Geometry,
  linear: LinearBackend,
): ReturnType<KernelHost['run']> {
  const { inputs: names, outputs, updates } = op.parts[part]!;
  const read: Named<number> = {};
  for (const name of names) {
    const tensor = inputs[name];
    read[name] = tensor ? linear.address(tensor, describe(op.name, name, tensor.shape)) : 0;
  }
  const written: Named<number> = {};
  const infos: TensorInfo[] = [];
  try {
    for (const name in outputs) {
      const updated = updates?.[name];
      if (updated && linear.refCount(inputs[updated]!.dataId) === 1) {
        const { dataId, shape, dtype } = inputs[updated]!;
        linear.incRef(dataId);
        written[name] = read[updated]!;
        infos.push({ dataId, shape, dtype });
        continue;
      }
      const shape = outputs[name]!(geometry);
      const { info, pointer } = linear.create(shape, describe(op.name, name, shape));
      written[name] = pointer;
      infos.push(info);
    }
    op.kernels.wasmCnn[part]!(read, written, geometry, linear.runtime);
  } catch (error) {
    // Nothing stays behind of an op that failed.
    for (const info of infos) linear.disposeData(info.dataId);
    throw error;
  } finally {
    linear.runtime.endKernel();
  }
  linear.listener?.ran(op as unknown as ReadyOp<object>, part, inputs, infos, geometry);
  return infos;
}

function describe(op: string, name: string, shape: readonly number[]): string {
  return `${op}'s ${name} [${shape}]`;
}
