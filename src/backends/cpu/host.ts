import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { KernelHost } from '../kernel-host.js';

/** tfjs's `cpu` backend: tensors are typed arrays, kernels are JavaScript. */
export const cpuHost: KernelHost = {
  backendName: 'cpu',
  run(op, part, inputs, geometry, backend) {
    const cpu = backend as MathBackendCPU;
    const { inputs: names, outputs } = op.parts[part]!;
    const read: Named<Float32Array> = {};
    for (const name of names) {
      const tensor = inputs[name];
      if (tensor) read[name] = cpu.data.get(tensor.dataId).values as Float32Array;
    }
    const written: Named<Float32Array> = {};
    const infos: TensorInfo[] = [];
    for (const name in outputs) {
      const shape = outputs[name]!(geometry);
      const values = new Float32Array(util.sizeFromShape(shape));
      written[name] = values;
      infos.push(cpu.makeTensorInfo(shape, 'float32', values));
    }
    op.kernels.cpu[part]!(read, written, geometry);
    return infos;
  },
};
