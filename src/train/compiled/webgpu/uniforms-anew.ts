/** What programs are told by kernels of ours whose attributes are others at each step. */
import { getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { adapterOf, type WebgpuBackend } from '../../../backends/webgpu/backend.js';
import type { KernelCall } from './recording.js';

/** A buffer without memory: it only keeps what is written into it. */
interface Slate {
  bytes: Uint8Array;
}

/** A tensor's data, which serve as their own key. */
interface Placeholder {
  readonly dtype: string;
  readonly resource: Slate;
}

const slate = (): Slate => ({ bytes: new Uint8Array() });
const nothing = () => undefined;
const something = () => ({});

/**
 * Runs kernels on what stands in for the backend: nothing is computed, nothing is kept, but what the uniforms of their programs would have
 * been. So kernels are written once, and need not know that a step is played again.
 */
export class UniformsAnew {
  private readonly standIn: object;
  private taken: Uint8Array[] = [];
  private readonly placeholders = new WeakMap<KernelCall, Record<string, TensorInfo>>();

  constructor(backend: WebgpuBackend) {
    const { limits, features, lost } = backend.device;
    const pass = { setPipeline: nothing, setBindGroup: nothing, dispatchWorkgroups: nothing };
    const device = {
      ...{ limits, features, lost, adapterInfo: adapterOf(backend) },
      ...{ createShaderModule: something, createPipelineLayout: something, createBindGroupLayout: something },
      ...{ createComputePipeline: something, createBuffer: slate, pushErrorScope: nothing, popErrorScope: async () => null },
      createBindGroup: ({ entries }: { entries: readonly { resource: { buffer: Slate } }[] }) => {
        this.taken.push(entries.at(-1)!.resource.buffer.bytes);
        return {};
      },
    };
    const writeBuffer = (buffer: Slate, _offset: number, bytes: ArrayBuffer) => {
      buffer.bytes = new Uint8Array(bytes);
    };
    this.standIn = {
      ...{ device, queue: { writeBuffer }, adapterInfo: backend.adapterInfo, supportTimestampQuery: false },
      ...{ bufferManager: { acquireBuffer: slate, releaseBuffer: nothing }, uniformPendingDisposal: { push: nothing } },
      ...{ tensorMap: { get: (data: Placeholder) => data }, makeTensorInfo: (shape: number[]) => placeholder(shape, 'float32') },
      ...{ computePassEncoder: pass, commandEncoder: { copyBufferToBuffer: nothing }, read: nothing },
      ...{ uploadToGPU: nothing, ensureCommandEncoderReady: nothing, endComputePassEncoder: nothing, submitQueue: nothing },
      ...{ refCount: () => 1, incRef: nothing, disposeData: nothing },
    };
  }

  /** The uniforms of each program that the kernel runs. @throws whatever a kernel throws that cannot do without a backend */
  of(call: KernelCall, geometries: readonly object[]): Uint8Array[] {
    let inputs = this.placeholders.get(call);
    if (!inputs) {
      inputs = Object.fromEntries(call.inputs.map(({ name, shape, dtype }) => [name, placeholder(shape, dtype)]));
      this.placeholders.set(call, inputs);
    }
    this.taken = [];
    const attrs = call.attributes(geometries) as NamedAttrMap;
    getKernel(call.name, 'webgpu').kernelFunc({ inputs, attrs, backend: this.standIn });
    return this.taken;
  }
}

function placeholder(shape: number[], dtype: string): TensorInfo {
  const dataId: Placeholder = { dtype, resource: slate() };
  return { dataId, shape, dtype: dtype as TensorInfo['dtype'] };
}
