import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { KernelHost } from '../kernel-host.js';
import type { WasmCnnBackend } from './backend.js';

/** Our own backend: tensors are addresses in one linear memory, kernels are WebAssembly. */
export const wasmCnnHost: KernelHost = {
  backendName: 'wasm-cnn',
  run(op, part, inputs, geometry, backend) {
    const wasm = backend as WasmCnnBackend;
    const { inputs: names, outputs } = op.parts[part]!;
    const read: Named<number> = {};
    for (const name of names)
      read[name] = inputs[name] ? wasm.address(inputs[name], describe(op.name, name, inputs[name].shape)) : 0;
    const written: Named<number> = {};
    const infos: TensorInfo[] = [];
    try {
      for (const name in outputs) {
        const shape = outputs[name]!(geometry);
        const { info, pointer } = wasm.create(shape, describe(op.name, name, shape));
        written[name] = pointer;
        infos.push(info);
      }
      op.kernels.wasmCnn[part]!(read, written, geometry, wasm.runtime);
    } catch (error) {
      // Nothing stays behind of an op that failed.
      for (const info of infos) wasm.disposeData(info.dataId, true);
      throw error;
    } finally {
      wasm.runtime.endKernel();
    }
    return infos;
  },
};

function describe(op: string, name: string, shape: readonly number[]): string {
  return `${op}'s ${name} [${shape}]`;
}
