/** Listening to all that tfjs's `webgpu` backend tells the GPU, be it for its own programs or for ours. */
import type { WebgpuBackend } from '../../../backends/webgpu/backend.js';
import { submit } from '../../../backends/webgpu/buffers.js';

/** Is told of every command. */
export interface CommandListener {
  /** A buffer is in use from now on; what was in it counts no more. */
  acquired(buffer: GPUBuffer): void;
  /** A tensor has a buffer. @param values what was brought into it just now, if anything was */
  uploaded(dataId: object, values: unknown): void;
  wrote(buffer: GPUBuffer, bytes: Uint8Array): void;
  dispatched(pipeline: GPUComputePipeline, bindGroup: GPUBindGroupDescriptor, groups: readonly number[]): void;
  copied(source: GPUBuffer, target: GPUBuffer, size: number): void;
  /** Something is done that cannot be played again. */
  strange(what: string): void;
}

/** Lets `listener` hear all that the backend does while `work` runs. */
export function hearing<T>(backend: WebgpuBackend, listener: CommandListener, work: () => T): T {
  submit(backend);
  const { device, queue, bufferManager, uploadToGPU, readSync, read } = backend;
  const groups = new WeakMap<GPUBindGroup, GPUBindGroupDescriptor>();
  /** Whether tfjs brings a tensor's numbers, by commands of its own. */
  let uploading = false;

  const heardPass = (pass: GPUComputePassEncoder): GPUComputePassEncoder => {
    let pipeline: GPUComputePipeline;
    let bindGroup: GPUBindGroup;
    return overriding(pass, {
      setPipeline: (chosen: GPUComputePipeline) => {
        pipeline = chosen;
        pass.setPipeline(chosen);
      },
      setBindGroup: (index: number, chosen: GPUBindGroup) => {
        bindGroup = chosen;
        pass.setBindGroup(index, chosen);
      },
      dispatchWorkgroups: (...counts: [number, number?, number?]) => {
        pass.dispatchWorkgroups(...counts);
        listener.dispatched(pipeline, groups.get(bindGroup)!, counts as number[]);
      },
      dispatchWorkgroupsIndirect: () => listener.strange('the GPU itself says how often a program runs'),
    });
  };
  const heardEncoder = (encoder: GPUCommandEncoder): GPUCommandEncoder =>
    overriding(encoder, {
      beginComputePass: (descriptor?: GPUComputePassDescriptor) => heardPass(encoder.beginComputePass(descriptor)),
      copyBufferToBuffer: (source: GPUBuffer, from: number, target: GPUBuffer, to: number, size: number) => {
        encoder.copyBufferToBuffer(source, from, target, to, size);
        if (uploading) return;
        if (from !== 0 || to !== 0) listener.strange('parts of buffers are copied');
        listener.copied(source, target, size);
      },
    });
  const looked = () => listener.strange('values are read while the step runs, so what it computes may depend on them');
  const heard = {
    device: overriding(device, {
      createCommandEncoder: () => heardEncoder(device.createCommandEncoder()),
      createBindGroup: (descriptor: GPUBindGroupDescriptor) => {
        const group = device.createBindGroup(descriptor);
        groups.set(group, descriptor);
        return group;
      },
    }),
    queue: overriding(queue, {
      writeBuffer: (buffer: GPUBuffer, offset: number, data: ArrayBuffer, from = 0, size = data.byteLength - from) => {
        queue.writeBuffer(buffer, offset, data, from, size);
        if (offset !== 0 || ArrayBuffer.isView(data)) listener.strange('parts of buffers are written');
        else listener.wrote(buffer, new Uint8Array(data.slice(from, from + size)));
      },
    }),
    bufferManager: overriding(bufferManager, {
      acquireBuffer: (...wanted: Parameters<typeof bufferManager.acquireBuffer>) => {
        const buffer = bufferManager.acquireBuffer(...wanted);
        listener.acquired(buffer);
        return buffer;
      },
    }),
    uploadToGPU: (dataId: object) => {
      const entry = backend.tensorMap.get(dataId);
      const values = entry.resource ? undefined : entry.values;
      uploading = true;
      try {
        uploadToGPU.call(backend, dataId);
      } finally {
        uploading = false;
      }
      listener.uploaded(dataId, values);
    },
    readSync: (dataId: object) => {
      looked();
      return readSync.call(backend, dataId);
    },
    read: (dataId: object) => {
      looked();
      return read.call(backend, dataId);
    },
  };
  const own = new Map(Object.keys(heard).map((name) => [name, Object.getOwnPropertyDescriptor(backend, name)]));
  for (const [name, value] of Object.entries(heard)) Object.defineProperty(backend, name, { value, configurable: true });
  try {
    return work();
  } finally {
    for (const [name, descriptor] of own) {
      if (descriptor) Object.defineProperty(backend, name, descriptor);
      else delete (backend as unknown as Record<string, unknown>)[name];
    }
    submit(backend);
  }
}

/** The object with other methods. Those of the GPU's own objects want the object itself as `this`. */
function overriding<T extends object>(object: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(object, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
