/**
 * A backend of tfjs that computes in float64: our ops by their references, sums and products of tensors here, everything else by tfjs's
 * cpu kernels. On it a net has the gradients that PyTorch has in float64, whatever kinks and roundings there are.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelHost } from '../../backends/kernel-host.js';
import { addHost } from '../../op-kernels.js';
import type { RoundingNoise } from './rounding-noise.js';

/** Name of the backend. */
export const FLOAT64 = 'cnn-float64';

/** Where it is set, kernels see inputs as float32 would have left them. */
let noise: RoundingNoise | undefined;

/** Kernels of tfjs that have rounded float64 values to float32. */
const rounding = new Set<string>();

/** tfjs calls it float32 and keeps the array it was given. */
function put(backend: MathBackendCPU, values: Float64Array, shape: number[]): tf.TensorInfo {
  return backend.makeTensorInfo(shape, 'float32', values as never);
}

function stored(backend: MathBackendCPU, { dataId }: tf.TensorInfo): unknown {
  return backend.data.get(dataId).values;
}

function values(backend: MathBackendCPU, tensor: tf.TensorInfo): Float64Array {
  const found = stored(backend, tensor) as Float64Array | Float32Array;
  return found instanceof Float64Array ? found : Float64Array.from(found);
}

const host: KernelHost = {
  backendName: FLOAT64,
  run(op, part, inputs, geometry, backend) {
    const cpu = backend as MathBackendCPU;
    const { inputs: names, outputs } = op.parts[part]!;
    const given = names.filter((name) => inputs[name]);
    const shapes = Object.entries(outputs).map(([name, shapeOf]) => [name, shapeOf(geometry)] as const);
    const read = Object.fromEntries(given.map((name) => [name, values(cpu, inputs[name]!)]));
    const seen = noise
      ? noise.on(
          read,
          given.map((name) => inputs[name]!.shape),
          shapes.map(([, shape]) => shape),
        )
      : read;
    const written = Object.fromEntries(shapes.map(([name, shape]) => [name, new Float64Array(tf.util.sizeFromShape(shape))]));
    op.kernels.reference[part]!(seen, written, geometry);
    return shapes.map(([name, shape]) => put(cpu, written[name]!, shape));
  },
};

/** Element by element, of equal shapes or with a scalar: what a net's shortcuts, gradients and loss weights need. */
function elementwise(kernelName: string, f: (a: number, b: number) => number): tf.KernelConfig {
  return {
    kernelName,
    backendName: FLOAT64,
    kernelFunc: ({ inputs, backend }) => {
      const cpu = backend as MathBackendCPU;
      const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const one = [a, b].find(({ shape }) => shape.length === 0);
      if (!one && String(a.shape) !== String(b.shape))
        throw new Error(`${kernelName} on ${FLOAT64} takes equal shapes or a scalar, got [${a.shape}] and [${b.shape}]`);
      const [left, right] = [values(cpu, a), values(cpu, b)];
      const shape = one === a ? b.shape : a.shape;
      const at = (from: Float64Array, i: number) => from[from.length === 1 ? 0 : i]!;
      return put(
        cpu,
        new Float64Array(tf.util.sizeFromShape(shape)).map((_, i) => f(at(left, i), at(right, i))),
        shape,
      );
    },
  };
}

/** A kernel of tfjs's cpu, that says when it takes float64 values and gives float32 ones. */
function watched({ kernelName, kernelFunc, ...rest }: tf.KernelConfig): tf.KernelConfig {
  return {
    ...rest,
    kernelName,
    backendName: FLOAT64,
    kernelFunc: (call) => {
      const cpu = call.backend as MathBackendCPU;
      const wide = Object.values(call.inputs as Record<string, tf.TensorInfo>)
        .flat()
        .some((input) => input && stored(cpu, input) instanceof Float64Array);
      const outputs = kernelFunc(call);
      if (wide && [outputs].flat().some((output) => stored(cpu, output) instanceof Float32Array)) rounding.add(kernelName);
      return outputs;
    },
  };
}

function register(): void {
  tf.registerBackend(FLOAT64, () => new MathBackendCPU());
  const own = [elementwise('Add', (a, b) => a + b), elementwise('Multiply', (a, b) => a * b)];
  const known = new Set(own.map(({ kernelName }) => kernelName));
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    // Those of our ops are the host's.
    if (!known.has(kernel.kernelName) && !kernel.kernelName.startsWith('Cnn')) tf.registerKernel(watched(kernel));
  }
  for (const kernel of own) tf.registerKernel(kernel);
  addHost(host);
}

/**
 * Registers the backend and makes it the current one.
 * @param withNoise what inputs of kernels go through; default: nothing
 */
export async function useFloat64(withNoise?: RoundingNoise): Promise<void> {
  if (!tf.findBackend(FLOAT64)) register();
  noise = withNoise;
  await tf.setBackend(FLOAT64);
}

/** tfjs's kernels that have given float32 for float64 on that backend so far. */
export function roundingKernels(): string[] {
  return [...rounding];
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
