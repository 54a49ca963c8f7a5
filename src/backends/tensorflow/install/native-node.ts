import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { NATIVE_FILE } from '../native.js';
import { type CudaCompiler, fetchCuda, installedCuda } from './cuda-node.js';
import { bindingFolder, type Layout, nodeHeaders } from './layout-node.js';
import { compiler, InstallError, runTool } from './tools-node.js';

/** C++ for the CPU, CUDA for GPUs: `.cc`, `.cu` and the headers of both. */
const SOURCE = /\.(cc|cu|h|cuh)$/;

/** Optimised for every processor: loops over floats are compiled for several, and the loader chooses. */
const CXX_FLAGS = [
  '-std=c++17',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fPIC',
  '-fvisibility=hidden',
  '-Wall',
  '-pthread',
];

/** What TensorFlow's own wheels are compiled with; of concern to the one file that uses its classes. */
const CLASS_FLAGS = ['-DNDEBUG', '-D_GLIBCXX_USE_CXX11_ABI=1', '-DEIGEN_MAX_ALIGN_BYTES=64'];

/** Machine code for NVIDIA's architectures of 2020 and 2022, and what later ones compile for themselves. */
const ARCHITECTURES = ['arch=compute_80,code=sm_80', 'arch=compute_90,code=sm_90', 'arch=compute_90,code=compute_90'];

/** What was built of the native ops. */
export interface InstalledNative {
  /** A digest of what they were made of, and the CUDA they were compiled with, null where they are for CPUs; null where there are none. */
  readonly native: { readonly digest: string; readonly cuda: string | null } | null;
  /** Why there are no native ops, or none for GPUs. */
  readonly complaint?: string;
}

/** What `installNative` needs to know. */
export interface NativeOptions {
  /** The package's folder, with the sources. */
  readonly root: string;
  /** Whether they are to run on GPUs. */
  readonly gpu: boolean;
  /** What stands there already, for the same TensorFlow. */
  readonly before: InstalledNative['native'];
  readonly say: (line: string) => void;
}

/** Builds the native ops where they can be built. Without them compositions run, so what goes wrong is told and ends nothing. */
export function installNative(layout: Layout, { root, gpu, before, say }: NativeOptions): InstalledNative {
  const [cuda, complaint] = gpu ? attempt(() => installedCuda() ?? fetchCuda(layout.cache)) : [];
  const native = { digest: nativeDigest(root, cuda), cuda: cuda?.version ?? null };
  const file = join(bindingFolder(layout)!, NATIVE_FILE);
  if (before?.digest === native.digest && existsSync(file)) return { native, complaint };
  say(`compiling native ops${cuda ? ` with CUDA ${cuda.version}` : ''}`);
  rmSync(layout.marker, { force: true });
  const [, failed] = attempt(() => compileNative(layout, root, cuda));
  if (failed === undefined) return { native, complaint };
  rmSync(file, { force: true });
  return { native: null, complaint: failed };
}

/** What `make` gives, or why it could not. */
function attempt<T>(make: () => T): [T] | [undefined, string] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof InstallError) return [undefined, error.message];
    throw error;
  }
}

/** All sources of native ops below a package's folder `src`, in order. */
export function nativeSources(root: string): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (SOURCE.test(entry.name)) found.push(path);
    }
  };
  walk(join(root, 'src'));
  return found.sort();
}

/** Of sources and how they are compiled: what was built of the same need not be built again. */
export function nativeDigest(root: string, cuda: CudaCompiler | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify([CXX_FLAGS, CLASS_FLAGS, ARCHITECTURES, cuda?.version ?? null]));
  for (const file of nativeSources(root)) hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * Compiles this package's own ops for TensorFlow and puts them beside tfjs-node's addon, where they are found.
 * @param root the package's folder
 * @param cuda compiles for GPUs, too
 * @throws InstallError with what the compiler said
 */
export function compileNative(layout: Layout, root: string, cuda: CudaCompiler | undefined): void {
  const headers = nodeHeaders();
  const beside = bindingFolder(layout);
  if (!headers || !beside) throw new InstallError("Node's headers for addons (node_api.h) are not to be found");
  const work = mkdtempSync(join(tmpdir(), 'tfjs-cnn-native-'));
  try {
    const deps = join(layout.addon, 'deps');
    const sources = nativeSources(root);
    const includes = [
      `-isystem${join(deps, 'include')}`,
      `-I${headers}`,
      ...(cuda ? [`-I${cuda.include}`, '-DTFJS_CNN_CUDA'] : []),
    ];
    const objects = cuda ? compileCuda(cuda, sources, root, work) : [];
    const plain = sources.filter((file) => file.endsWith('.cc'));
    const made = join(work, NATIVE_FILE);
    const link = [`-L${join(deps, 'lib')}`, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
    if (cuda) link.push(`-L${cuda.libraries}`, '-lcudart_static', '-ldl', '-lrt');
    const args = [...CXX_FLAGS, ...(cuda ? CLASS_FLAGS : []), '-shared', ...includes, ...plain, ...objects, '-o', made, ...link];
    runTool(compiler(), args, { purpose: 'compiling the native ops' });
    const part = join(beside, `${NATIVE_FILE}.part`);
    // The folder for temporary files may be on another disk.
    copyFileSync(made, part);
    renameSync(part, join(beside, NATIVE_FILE));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Compiles the CUDA sources.
 * @returns the object files
 */
export function compileCuda(cuda: CudaCompiler, sources: readonly string[], root: string, into: string): string[] {
  const cards = ARCHITECTURES.flatMap((each) => ['-gencode', each]);
  const flags = ['-c', '-O3', '-std=c++17', '-Xcompiler', '-fPIC,-fvisibility=hidden', '-DTFJS_CNN_CUDA', ...cards];
  return sources
    .filter((file) => file.endsWith('.cu'))
    .map((file) => {
      const object = join(into, `${relative(root, file).replaceAll(/[/\\]/g, '-')}.o`);
      runTool(cuda.nvcc, [...flags, ...cuda.flags, file, '-o', object], { purpose: `compiling ${basename(file)} for GPUs` });
      return object;
    });
}
