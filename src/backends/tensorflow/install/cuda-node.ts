import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InstallError, isThere, runTool } from './tools-node.js';
import { download, unpack } from './wheel-node.js';

/** NVIDIA's compiler. */
export interface CudaCompiler {
  readonly nvcc: string;
  readonly version: string;
  /** Its headers. */
  readonly include: string;
  /** Folder of libcudart_static.a. */
  readonly libraries: string;
  /** What it needs to find its own parts. */
  readonly flags: readonly string[];
}

/** The oldest on the index that has nvcc: what it compiles runs with the most drivers (580 and later). */
const WHEELS = ['nvcc', 'runtime', 'crt', 'cccl'].map((name) => `nvidia-cuda-${name}==13.0.*`).concat('nvidia-nvvm==13.0.*');

/** An nvcc that is installed: in CUDA_HOME, on the PATH or in /usr/local/cuda. */
export function installedCuda(): CudaCompiler | undefined {
  const folders = [
    process.env['CUDA_HOME'],
    ...(process.env['PATH'] ?? '').split(':').map((bin) => resolve(bin, '..')),
    '/usr/local/cuda',
  ];
  const home = folders.find((folder) => folder && existsSync(join(folder, 'bin/nvcc')) && isThere(join(folder, 'bin/nvcc')));
  return home === undefined ? undefined : cudaIn(home);
}

/** nvcc and what it needs, from pip: 100 MB. It compiles without a GPU. What was fetched before is taken again. */
export function fetchCuda(cache: string): CudaCompiler {
  const folder = join(cache, 'nvcc-13.0');
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    for (const wheel of download(WHEELS, join(part, 'wheels'))) unpack(wheel, part, ['nvidia/']);
    rmSync(join(part, 'wheels'), { recursive: true });
    // What makes a file a program is lost in a wheel.
    for (const bin of ['bin', 'nvvm/bin']) {
      for (const name of readdirSync(join(part, 'nvidia/cu13', bin), { withFileTypes: true })) {
        if (name.isFile()) chmodSync(join(part, 'nvidia/cu13', bin, name.name), 0o755);
      }
    }
    renameSync(part, folder);
  }
  return cudaIn(join(folder, 'nvidia/cu13'));
}

function cudaIn(home: string): CudaCompiler {
  const nvcc = join(home, 'bin/nvcc');
  const said = runTool(nvcc, ['--version'], { purpose: 'asking nvcc for its version' });
  const version = /release (\d+\.\d+)/.exec(said)?.[1];
  const libraries = ['lib64', 'lib', 'targets/x86_64-linux/lib', 'targets/sbsa-linux/lib']
    .map((name) => join(home, name))
    .find((name) => existsSync(join(name, 'libcudart_static.a')));
  if (!version || !libraries)
    throw new InstallError(`${nvcc} is not whole: ${version ? 'libcudart_static.a' : 'its version'} is missing`);
  const include = join(home, 'include');
  return { nvcc, version, include, libraries, flags: [`-I${join(include, 'cccl')}`] };
}
