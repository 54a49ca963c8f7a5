import { nodeModule } from '../../node-module.js';

/** The addon with this package's own ops for TensorFlow, in C++ and CUDA, as `npx tfjs-cnn tensorflow install` builds it. */
export interface NativeAddon {
  /** What its ops take and give; addons of another version are left alone. */
  readonly version: number;
  /** Names of the ops it made known to TensorFlow. */
  readonly ops: readonly string[];
  /** Version of the TensorFlow it runs in. */
  readonly tensorflow: string;
  /** Version of CUDA that its kernels were compiled with; null where they run on the CPU only. */
  readonly cuda: string | null;
  /** Whether the driver runs what that CUDA compiled. */
  readonly gpu: boolean;
  /** What TensorFlow computes on here, by TensorFlow's names. */
  devices(): string[];
  /** From now on kernels use registers of at most so many floats, 16 where nothing was said; tells how many that are here. */
  lanes(most: number): number;
}

/** The version whose ops the kernels call; that of native/op.h. */
const VERSION = 1;

/** File of the addon, beside tfjs-node's own. */
export const NATIVE_FILE = 'tfjs_cnn_native.node';

let loaded: { readonly addon: NativeAddon | undefined } | undefined;

/**
 * The addon, loaded into the TensorFlow of the running tfjs-node: its ops can be executed from then on. Undefined where none was built, or
 * with the environment variable TFJS_CNN_NATIVE=0: what the ops do is then composed of TensorFlow's own.
 */
export function nativeAddon(): NativeAddon | undefined {
  if (typeof process === 'undefined' || process.env['TFJS_CNN_NATIVE'] === '0') return undefined;
  loaded ??= { addon: load() };
  return loaded.addon;
}

function load(): NativeAddon | undefined {
  const fs = nodeModule<typeof import('node:fs')>('node:fs');
  const binding = fs && loadedFile(fs, /\/tfjs_binding\.node$/);
  if (!binding) return undefined;
  const file = `${binding.slice(0, binding.lastIndexOf('/') + 1)}${NATIVE_FILE}`;
  if (!fs.existsSync(file)) return undefined;
  const again = 'its ops are composed of TensorFlow\'s own; "npx tfjs-cnn tensorflow install" builds it anew';
  const module = { exports: {} as NativeAddon };
  try {
    process.dlopen(module, file);
  } catch (error) {
    console.warn(`tfjs-cnn: ${file} cannot be loaded (${(error as Error).message}); ${again}`);
    return undefined;
  }
  if (module.exports.version === VERSION) return module.exports;
  console.warn(`tfjs-cnn: ${file} is of version ${module.exports.version}, expected ${VERSION}; ${again}`);
  return undefined;
}

/** Path of a library that this process has loaded. Linux tells; elsewhere nothing is built. */
export function loadedFile(fs: typeof import('node:fs'), pattern: RegExp): string | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const line of fs.readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const at = line.indexOf('/');
    if (at > 0 && pattern.test(line)) return line.slice(at);
  }
  return undefined;
}
