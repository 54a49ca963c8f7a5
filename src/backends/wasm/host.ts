/**
 * tfjs's own `wasm` backend as a host of our kernels: they are instantiated on its memory, so that its
 * tensors are read and written where they are.
 */
import { type TensorInfo, backend as tfBackend, util } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../kernel-host.js';
import { type LinearBackend, runInLinearMemory } from '../linear-memory.js';
import { onePerBackend } from '../one-per-backend.js';
import { compileKernels } from '../wasm-cnn/engine.js';
import { OutOfMemoryError } from '../wasm-cnn/runtime.js';
import { Workspace } from '../wasm-cnn/workspace.js';
import type { WasmRuntime } from '../wasm-runtime.js';

/** What of tfjs's BackendWasm is needed; its types are not public. */
interface BackendWasm {
  wasm: {
    asm: { memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  dataIdMap: { get(dataId: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
  refCount(dataId: object): number;
  incRef(dataId: object): void;
}

/** Our kernels inside a memory that somebody else manages, on one thread. */
class GuestRuntime implements WasmRuntime {
  readonly threads = 1;
  private readonly workspace: Workspace;

  constructor(
    private readonly exports: Record<string, (...args: number[]) => number>,
    private readonly memory: WebAssembly.Memory,
    { _malloc, _free }: BackendWasm['wasm'],
  ) {
    this.workspace = new Workspace(
      (bytes) => {
        // Room to align to 64 bytes; the real start is kept in front of the block.
        const start = _malloc(bytes + 128) >>> 0;
        if (start === 0) throw new OutOfMemoryError(`wasm: no memory for ${bytes} bytes of workspace; use a smaller batch`);
        const aligned = Math.ceil((start + 4) / 64) * 64;
        this.int32(aligned - 4, 1)[0] = start;
        return aligned;
      },
      (pointer) => _free(this.int32(pointer - 4, 1)[0]!),
    );
  }

  parallel(name: string, count: number, grain: number, ...args: number[]): void {
    const kernel = this.exports[name]!;
    for (let begin = 0; begin < count; begin += grain) kernel(begin, Math.min(begin + grain, count), ...args);
  }

  call(name: string, ...args: number[]): number {
    return this.exports[name]!(...args);
  }

  scratch(bytes: number): number {
    return this.workspace.take(bytes);
  }

  struct(...fields: number[]): number {
    const pointer = this.workspace.take(fields.length * 4);
    this.int32(pointer, fields.length).set(fields);
    return pointer;
  }

  clear(pointer: number, bytes: number): void {
    new Uint8Array(this.memory.buffer, pointer, bytes).fill(0);
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  endKernel(): void {
    this.workspace.clear();
  }
}

/** @throws Error where tfjs's wasm backend is not the current one, or keeps its memory to itself */
export async function stockWasmHost(): Promise<KernelHost> {
  const { wasm } = tfBackend() as unknown as Partial<BackendWasm>;
  const memory = wasm?.asm?.memory;
  if (!wasm || !(memory instanceof WebAssembly.Memory)) {
    throw new Error(
      "accelerate('wasm'): tfjs's wasm backend gives no access to its memory; @tensorflow/tfjs-backend-wasm ^4.22 does",
    );
  }
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const { module } = await compileKernels(shared);
  const guestOf = onePerBackend((backend: BackendWasm) => guestIn(backend, module));
  return {
    backendName: 'wasm',
    run: (op, part, inputs, geometry, backend) => runInLinearMemory(op, part, inputs, geometry, guestOf(backend)),
  };
}

/** Our kernels beside tfjs's, on its tensors. */
function guestIn(host: BackendWasm, module: WebAssembly.Module): LinearBackend {
  const { memory } = host.wasm.asm;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const address = ({ dataId }: TensorInfo) => host.dataIdMap.get(dataId).memoryOffset;
  return {
    runtime: new GuestRuntime(exports as Record<string, (...args: number[]) => number>, memory, host.wasm),
    address,
    create(shape, what) {
      const info = host.makeOutput(shape, 'float32');
      const pointer = address(info);
      if (pointer === 0 && util.sizeFromShape(shape) > 0) {
        host.disposeData(info.dataId, true);
        throw new OutOfMemoryError(`wasm: no memory for ${what}; use a smaller batch`);
      }
      return { info, pointer };
    },
    disposeData: (dataId) => host.disposeData(dataId),
    refCount: (dataId) => host.refCount(dataId),
    incRef: (dataId) => host.incRef(dataId),
  };
}
