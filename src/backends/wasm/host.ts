/**
 * tfjs's own `wasm` backend as a host of our kernels: they are instantiated on its memory, so that its
 * tensors are read and written where they are.
 */
import { type TensorInfo, backend as tfBackend, util } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { KernelHost } from '../kernel-host.js';
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
  disposeData(dataId: object, force: boolean): boolean;
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
  // tfjs makes its backend anew after a reset of the engine, with a memory of its own.
  const runtimes = new WeakMap<BackendWasm['wasm'], GuestRuntime>();
  const runtimeIn = ({ wasm }: BackendWasm): GuestRuntime => {
    let runtime = runtimes.get(wasm);
    if (!runtime) {
      const { memory } = wasm.asm;
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      runtime = new GuestRuntime(exports as Record<string, (...args: number[]) => number>, memory, wasm);
      runtimes.set(wasm, runtime);
    }
    return runtime;
  };
  return {
    backendName: 'wasm',
    run(op, part, inputs, geometry, backend) {
      const host = backend as BackendWasm;
      const runtime = runtimeIn(host);
      const { inputs: names, outputs } = op.parts[part]!;
      const address = (info: TensorInfo) => host.dataIdMap.get(info.dataId).memoryOffset;
      const read: Named<number> = {};
      for (const name of names) read[name] = inputs[name] ? address(inputs[name]) : 0;
      const written: Named<number> = {};
      const infos: TensorInfo[] = [];
      try {
        for (const name in outputs) {
          const shape = outputs[name]!(geometry);
          const info = host.makeOutput(shape, 'float32');
          infos.push(info);
          written[name] = address(info);
          if (written[name] === 0 && util.sizeFromShape(shape) > 0) {
            throw new OutOfMemoryError(`wasm: no memory for ${op.name}'s ${name} [${shape}]; use a smaller batch`);
          }
        }
        op.kernels.wasmCnn[part]!(read, written, geometry, runtime);
      } catch (error) {
        for (const info of infos) host.disposeData(info.dataId, true);
        throw error;
      } finally {
        runtime.endKernel();
      }
      return infos;
    },
  };
}
