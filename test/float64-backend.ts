/**
 * A backend of tfjs that computes in float64: our ops by their references, everything else by tfjs's cpu kernels. On it a net
 * has the gradients that PyTorch has in float64, whatever kinks and roundings there are.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelHost } from '../src/backends/kernel-host.js';
import { addHost } from '../src/define-op.js';

const NAME = 'cnn-float64';

/** tfjs calls it float32 and keeps the array it was given. */
function put(backend: MathBackendCPU, values: Float64Array, shape: number[]): tf.TensorInfo {
  return backend.makeTensorInfo(shape, 'float32', values as never);
}

function values(backend: MathBackendCPU, { dataId }: tf.TensorInfo): Float64Array {
  const found = backend.data.get(dataId).values as unknown as Float64Array | Float32Array;
  return found instanceof Float64Array ? found : Float64Array.from(found);
}

const host: KernelHost = {
  backendName: NAME,
  run(op, part, inputs, geometry, backend) {
    const cpu = backend as MathBackendCPU;
    const { inputs: names, outputs } = op.parts[part]!;
    const read = Object.fromEntries(names.flatMap((name) => (inputs[name] ? [[name, values(cpu, inputs[name])]] : [])));
    const shapes = Object.entries(outputs).map(([name, shapeOf]) => [name, shapeOf(geometry)] as const);
    const written = Object.fromEntries(shapes.map(([name, shape]) => [name, new Float64Array(tf.util.sizeFromShape(shape))]));
    op.kernels.reference[part]!(read, written, geometry);
    return shapes.map(([name, shape]) => put(cpu, written[name]!, shape));
  },
};

/** Sums of equal shapes, which a net's shortcuts and gradients are. */
const add: tf.KernelFunc = ({ inputs, backend }) => {
  const cpu = backend as MathBackendCPU;
  const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
  if (String(a.shape) !== String(b.shape)) throw new Error(`${NAME} adds equal shapes only, got [${a.shape}] and [${b.shape}]`);
  const other = values(cpu, b);
  return put(
    cpu,
    values(cpu, a).map((value, i) => value + other[i]!),
    a.shape,
  );
};

/** Registers the backend and makes it the current one. */
export async function useFloat64(): Promise<void> {
  if (!tf.findBackend(NAME)) {
    tf.registerBackend(NAME, () => new MathBackendCPU());
    tf.copyRegisteredKernels('cpu', NAME);
    addHost(host);
    tf.unregisterKernel('Add', NAME);
    tf.registerKernel({ kernelName: 'Add', backendName: NAME, kernelFunc: add });
  }
  await tf.setBackend(NAME);
}

/** A tensor of float64 values on that backend. */
export function float64Tensor(numbers: Float64Array, shape: number[]): tf.Tensor {
  const backend = tf.backend() as MathBackendCPU;
  return tf.engine().makeTensorFromTensorInfo(put(backend, numbers, shape));
}

/** The values of a tensor of that backend; dataSync would round them. */
export function float64Values(tensor: tf.Tensor): Float64Array {
  return values(tf.backend() as MathBackendCPU, tensor);
}
