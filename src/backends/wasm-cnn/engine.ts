/**
 * What the engine can do, found by trying: which build of the kernels it takes, and how many threads
 * can share its memory. Nobody has to set a flag.
 */
import { nodeModule } from '../../node-module.js';
import { unpackKernels } from './binary.js';

/** Which of the two builds runs. */
export type SimdLevel = 'simd' | 'relaxed-simd';

/**
 * V8 behind Node runs more than it admits by default; this asks for it before anything is compiled.
 *
 * @returns whether 256-bit instructions will be made of pairs of 128-bit ones (x64 with AVX2)
 */
function unlock(): boolean {
  const v8 = nodeModule<typeof import('node:v8')>('node:v8');
  if (!v8) return false;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // Shipped by default from V8 12 on; unknown flags are ignored with a message on stderr, hence the check.
  if (major < 21) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  const wide = process.arch === 'x64' && (major > 23 || (major === 23 && minor >= 5));
  if (wide) v8.setFlagsFromString('--experimental-wasm-revectorize');
  return wide;
}

/**
 * The kernels import a shared memory. The limits' flags of that import are one byte (1: has a maximum,
 * 2: is shared), so the same code serves a memory that is not shared. Source: WebAssembly core
 * specification with threads, binary format of limits.
 */
function withoutSharing(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  // ... "env" "memory" kind=2 flags=3
  const name = [0x03, 0x65, 0x6e, 0x76, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x03];
  for (let i = 0; i + name.length <= bytes.length; i++) {
    if (name.every((byte, k) => bytes[i + k] === byte)) {
      bytes[i + name.length - 1] = 0x01;
      return bytes;
    }
  }
  throw new Error('wasm-cnn: the kernels do not import env.memory');
}

/** The kernels as the engine took them. */
export interface CompiledKernels {
  readonly module: WebAssembly.Module;
  readonly simd: SimdLevel;
  /** See WasmRuntime.wide. */
  readonly wide: boolean;
}

/** Compiles the best build this engine accepts, for a shared or an unshared memory. */
export async function compileKernels(shared: boolean): Promise<CompiledKernels> {
  const wide = unlock();
  const builds = await unpackKernels();
  for (const simd of ['relaxed-simd', 'simd'] as const) {
    const bytes = builds[simd];
    if (!WebAssembly.validate(bytes)) continue;
    return {
      module: await WebAssembly.compile(shared ? bytes : withoutSharing(bytes)),
      simd,
      wide: wide && simd === 'relaxed-simd',
    };
  }
  throw new Error(
    'wasm-cnn needs WebAssembly SIMD, which this engine lacks (browsers have it since 2021, Node since 16); ' +
      "use tf.setBackend('cpu') instead",
  );
}

/** Threads worth starting, the calling one included: the processors there are. */
export function processors(): number {
  const os = nodeModule<typeof import('node:os')>('node:os');
  return Math.max(1, os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1);
}
