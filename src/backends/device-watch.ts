/** A GPU can go away, or refuse work, without a kernel saying so: zeros come back, or nothing ever. Whoever trains looks here. */
import { backend, getBackend } from '@tensorflow/tfjs-core';
import { launching } from './launching.js';

/** What has become of a device, in the driver's words. */
export interface DeviceFailure {
  /** Gone with all that it held, out of memory, or it did not do what it was told: results since then are wrong. */
  readonly kind: 'lost' | 'memory' | 'refused';
  readonly message: string;
}

/** How WebGPU calls what another failure led to; a shader's is told after that. */
const CONSEQUENCE = /is invalid due to a previous error/;

/** Of a device that fails: the first failure, which explains the others. */
export class DeviceWatch {
  private first: DeviceFailure | undefined;
  private readonly waiting = new Set<(failure: Error) => void>();

  /** @param ask looks whether it is there still, where it does not tell by itself */
  constructor(private readonly ask: () => DeviceFailure | undefined = () => undefined) {}

  /** Takes note; what waits for the device waits no more. */
  note(failure: DeviceFailure): void {
    if (!this.first || (CONSEQUENCE.test(this.first.message) && !CONSEQUENCE.test(failure.message))) this.first = failure;
    for (const stop of this.waiting) stop(new Error(failure.message));
    this.waiting.clear();
  }

  /** What has gone wrong; undefined where nothing has. */
  get failure(): DeviceFailure | undefined {
    if (!this.first) {
      const found = this.ask();
      if (found) this.note(found);
    }
    return this.first;
  }

  /** Lets the browser's events come first: a device tells of its end a little later than its promises fail. */
  async settled(): Promise<DeviceFailure | undefined> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.failure;
  }

  /** Waits for work of the device. What has been lost is never done: then this throws. */
  during<T>(work: Promise<T>): Promise<T> {
    const { failure, waiting } = this;
    if (failure) {
      // It may have failed as the work was begun, which then fails, too.
      work.catch(() => undefined);
      return Promise.reject(new Error(failure.message));
    }
    return new Promise<T>((resolve, reject) => {
      waiting.add(reject);
      work.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  }
}

/** For backends that fail where they are called. */
const SOUND = new DeviceWatch();
SOUND.during = (work) => work;
SOUND.settled = async () => undefined;

const watches = new WeakMap<object, DeviceWatch>();

/** What is used of tfjs's GPU backends. */
interface GpuBackend {
  readonly gpgpu?: { readonly gl: WebGL2RenderingContext };
  readonly device?: GPUDevice;
}

/** Watches the current backend's device, from the first call on. */
export function watchDevice(): DeviceWatch {
  if (!['webgl', 'webgpu'].includes(getBackend())) return SOUND;
  const found = backend() as unknown as GpuBackend;
  let watch = watches.get(found);
  if (!watch) {
    watch = found.gpgpu ? watchContext(found.gpgpu.gl) : watchGpu(found.device!);
    watches.set(found, watch);
  }
  return watch;
}

/** WebGL says no word: a lost context gives zeros, and lack of memory is a flag that lasts until it is asked for. */
function watchContext(gl: WebGL2RenderingContext): DeviceWatch {
  const lost = { kind: 'lost', message: 'its WebGL context is lost' } as const;
  const watch = new DeviceWatch(() => {
    if (gl.isContextLost()) return lost;
    if (gl.getError() !== gl.OUT_OF_MEMORY) return undefined;
    return { kind: 'memory', message: 'WebGL has no memory for a texture' };
  });
  // The browser may put a new, empty context in its place.
  gl.canvas.addEventListener('webglcontextlost', () => watch.note(lost));
  return watch;
}

function watchGpu(device: GPUDevice): DeviceWatch {
  const watch = new DeviceWatch();
  void device.lost.then(({ reason, message }) =>
    watch.note({
      kind: 'lost',
      message: `its device is ${reason === 'destroyed' ? 'destroyed' : 'lost'}${message ? `: ${message}` : ''}`,
    }),
  );
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    const memory = error.constructor.name === 'GPUOutOfMemoryError' || /max buffer size|out of memory/i.test(error.message);
    watch.note({ kind: memory ? 'memory' : 'refused', message: error.message.trim() });
  });
  nameBuffers(device);
  return watch;
}

/** Buffers are called by what they are for: the driver's messages say it then. */
function nameBuffers(device: GPUDevice): void {
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const label = descriptor.label || launching();
    return create(label ? { ...descriptor, label } : descriptor);
  };
}
