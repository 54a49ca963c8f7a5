import { watchDevice } from '../device-watch.js';
import { OutOfMemoryError } from '../wasm-cnn/runtime.js';
import type { WebgpuBackend } from './backend.js';

const known = new WeakMap<WebgpuBackend, DeviceFailures>();

/** Of the current backend: one for all that launch work there. */
export function failuresOf(backend: WebgpuBackend): DeviceFailures {
  const found = known.get(backend) ?? new DeviceFailures(backend);
  known.set(backend, found);
  return found;
}

/**
 * WebGPU tells of failures later, or nobody: what is known is thrown by the next launch, and by whoever waits for a result, which
 * would be wrong.
 */
export class DeviceFailures {
  private readonly watch = watchDevice();
  /** Programs of which it is not known yet whether they compile. */
  private readonly pending = new Set<Promise<void>>();

  /** @param backend the current one */
  constructor(private readonly backend: WebgpuBackend) {
    const read = backend.read.bind(backend);
    // tfjs's own reading does not ask whether what it reads was ever computed.
    backend.read = async (dataId) => {
      this.check();
      const values = await this.watch.during(read(dataId)).catch((error: unknown) => this.explain(error));
      await Promise.all(this.pending);
      this.check();
      return values;
    };
  }

  /** @throws Error saying what has become of the device; OutOfMemoryError where that is what it lacks */
  check(): void {
    const { failure } = this.watch;
    if (!failure) return;
    const message = `webgpu: ${failure.message}`;
    throw failure.kind === 'memory' ? new OutOfMemoryError(`${message}; use a smaller batch`) : new Error(message);
  }

  /**
   * Makes something whose failure WebGPU tells later.
   *
   * @param what it is for the message, with its sizes
   */
  compiling<T>(what: string, make: () => T): T {
    const { device } = this.backend;
    device.pushErrorScope('validation');
    try {
      return make();
    } finally {
      const asked = device.popErrorScope().then(
        (error) => {
          if (!error) return;
          this.watch.note({ kind: 'refused', message: `the shader of ${what} does not compile here: ${error.message}` });
        },
        () => undefined,
      );
      this.pending.add(asked);
      void asked.then(() => this.pending.delete(asked));
    }
  }

  /** Why a read failed is known a little later than that it did. */
  private async explain(error: unknown): Promise<never> {
    await Promise.all(this.pending);
    await this.watch.settled();
    this.check();
    throw error;
  }
}
