import { USAGE, type WebgpuBackend } from './backend.js';
import type { Compiled } from './program.js';

/** Buffers that are kept; a training step has some hundred. */
const MOST = 2048;

/**
 * Uniform buffers, each with numbers that do not change. Those of sizes come back at every step, so they are written once; numbers
 * that are others at each step (a learning rate) take a buffer of tfjs's pool.
 */
export class UniformBuffers {
  private readonly kept = new Map<string, GPUBuffer>();

  constructor(private readonly backend: WebgpuBackend) {}

  of({ uniforms }: Compiled, values: Readonly<Record<string, number>>, changing: boolean): GPUBuffer {
    const bytes = new ArrayBuffer(Math.ceil(uniforms.length / 4) * 16);
    const view = new DataView(bytes);
    let key = '';
    for (let i = 0; i < uniforms.length; i++) {
      const [name, type] = uniforms[i]!;
      const value = values[name]!;
      if (type === 'f32') view.setFloat32(4 * i, value, true);
      else view.setInt32(4 * i, value, true);
      if (!changing) key += `${type === 'f32' ? 'f' : ''}${value},`;
    }
    if (changing) return this.passing(bytes);
    const known = this.kept.get(key);
    if (known) return known;
    if (this.kept.size >= MOST) this.kept.clear();
    const buffer = this.backend.device.createBuffer({
      size: bytes.byteLength,
      usage: USAGE.uniform | USAGE.copyDestination,
      label: 'tfjs-cnn uniforms',
    });
    this.backend.queue.writeBuffer(buffer, 0, bytes);
    this.kept.set(key, buffer);
    return buffer;
  }

  /** Goes back into the pool when the commands that read it have been submitted. */
  private passing(bytes: ArrayBuffer): GPUBuffer {
    const { bufferManager, queue, uniformPendingDisposal } = this.backend;
    const buffer = bufferManager.acquireBuffer(bytes.byteLength, USAGE.uniform | USAGE.copyDestination);
    queue.writeBuffer(buffer, 0, bytes);
    uniformPendingDisposal.push(buffer);
    return buffer;
  }
}
