import { DeviceError } from '../device-error.js';
import type { WebgpuBackend } from './backend.js';

/** Begins the labels of everything that is ours. */
export const LABEL = 'tfjs-cnn';

/**
 * WebGPU tells of failures later, or nobody: they are collected here and thrown by the next launch, and by whoever waits for a
 * result, which would be wrong.
 */
export class DeviceFailures {
  private found: DeviceError | undefined;
  private readonly pending = new Set<Promise<void>>();
  /** What was launched last. */
  private last = '';

  constructor(private readonly backend: WebgpuBackend) {
    const { device } = backend;
    void device.lost.then(({ reason, message }) => {
      this.note(
        new DeviceError(
          'lost',
          `webgpu: the device was lost (${reason || 'unknown'}${message ? `: ${firstLine(message)}` : ''})`,
        ),
      );
    });
    device.addEventListener?.('uncapturederror', (event) => this.hear((event as GPUUncapturedErrorEvent).error));
    const read = backend.read.bind(backend);
    // tfjs's own reading does not ask whether what it reads was ever computed.
    backend.read = async (dataId) => {
      this.check();
      const reading = read(dataId);
      // A failure is known before what it led to is read.
      await Promise.all(this.pending);
      const values = await reading.catch((error: unknown) => this.explain(error));
      this.check();
      return values;
    };
  }

  /** @throws DeviceError that was found since */
  check(): void {
    if (this.found) throw this.found;
  }

  launching(what: string): void {
    this.check();
    this.last = what;
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
          if (error)
            this.note(new DeviceError('shader', `webgpu: the shader of ${what} does not compile here: ${error.message}`));
        },
        () => undefined,
      );
      this.pending.add(asked);
      void asked.then(() => this.pending.delete(asked));
    }
  }

  private note(error: DeviceError): void {
    this.found ??= error;
  }

  private hear(error: GPUError): void {
    if (error.constructor.name === 'GPUOutOfMemoryError') {
      const megabytes = Math.round(this.backend.bufferManager.numBytesAllocated / 2 ** 20);
      this.note(
        new DeviceError(
          'out of memory',
          `webgpu: out of memory around ${this.last}, with ${megabytes} MB in use; take a smaller batch: ${firstLine(error.message)}`,
        ),
      );
    } else if (error.message.includes(LABEL) && this.pending.size === 0) {
      // While programs are compiled their own errors say more.
      this.note(new DeviceError('shader', `webgpu: ${this.last} cannot run here: ${error.message}`));
    }
  }

  /** A read that fails because the device is gone says so once the loss is known. */
  private async explain(error: unknown): Promise<never> {
    await Promise.race([this.backend.device.lost, new Promise((done) => setTimeout(done, 100))]);
    this.check();
    throw error;
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0]!;
}
