import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Layout } from './layout-node.js';
import { expectPip, InstallError, runTool } from './tools-node.js';

/** The version that this package is tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

/** A TensorFlow on this machine. */
export interface FoundTensorflow {
  readonly version: string;
  /** With libtensorflow_cc.so.2, libtensorflow_framework.so.2 and include. */
  readonly folder: string;
  /** CUDA's libraries as they come with it, where there are any. */
  readonly nvidia?: string;
  /** Their versions. */
  readonly cuda?: CudaVersions;
}

/** Versions of CUDA's runtime and of cuDNN. */
export interface CudaVersions {
  readonly runtime?: string;
  readonly cudnn?: string;
}

/** Libraries of the wheel, as it names them. */
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * TensorFlow's libraries and headers out of its wheel. What was fetched before is taken again.
 * @param gpu with CUDA's libraries, as `tensorflow[and-cuda]` brings them
 */
export function fetchTensorflow({ cache }: Layout, version: string, gpu: boolean): FoundTensorflow {
  const name = gpu || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu';
  const folder = join(cache, `${name}${gpu ? '-cuda' : ''}-${version}`);
  if (!existsSync(folder)) {
    expectPip();
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    const [wheel] = download([`${name}==${version}`], join(part, 'wheels'));
    unpack(wheel!, part, ['tensorflow/include/', 'tensorflow/libtensorflow_']);
    if (gpu) {
      const libraries = download(cudaOf(wheel!), join(part, 'cuda'));
      for (const each of libraries) unpack(each, part, ['nvidia/']);
      writeFileSync(join(part, CUDA_VERSIONS), JSON.stringify(versionsIn(libraries.map((file) => basename(file)))));
    }
    for (const wheels of ['wheels', 'cuda']) rmSync(join(part, wheels), { recursive: true, force: true });
    renameSync(part, folder);
  }
  const tensorflow = { version, folder: join(folder, 'tensorflow') };
  if (!gpu) return tensorflow;
  const cuda = JSON.parse(readFileSync(join(folder, CUDA_VERSIONS), 'utf8')) as CudaVersions;
  return { ...tensorflow, nvidia: join(folder, 'nvidia'), cuda };
}

/** Where the versions of what was fetched are kept. */
const CUDA_VERSIONS = 'cuda-versions.json';

/** Of the names of wheels or of what describes them once installed: nvidia_cudnn_cu12-9.3.0.75... */
function versionsIn(names: readonly string[]): CudaVersions {
  const versionOf = (library: string) => {
    const pattern = new RegExp(`^nvidia_${library}(?:_cu\\d+)?-(\\d[\\d.]*\\d)`);
    return names.map((name) => pattern.exec(name)?.[1]).find((version) => version !== undefined);
  };
  return { runtime: versionOf('cuda_runtime'), cudnn: versionOf('cudnn') };
}

/** Wheels that fit this machine, whatever version of Python there is: only their C libraries are used. */
export function download(requirements: readonly string[], into: string): string[] {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string];
  if (process.platform !== 'linux' || !machine) {
    throw new InstallError(
      `TensorFlow is taken from its wheels for Linux on x64 and arm64; this is ${process.platform} on ${process.arch}`,
    );
  }
  // Of every glibc up to that of TensorFlow's own wheels and the next: pip takes each by its number only.
  const platforms = ['manylinux2014', ...Array.from({ length: 12 }, (_, i) => `manylinux_2_${17 + i}`)];
  const tags = ['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'abi3', '--abi', 'none'];
  for (const platform of platforms) tags.push('--platform', `${platform}_${machine}`);
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', ...tags, '--dest', into, ...requirements];
  const remedy = 'is there such a version? pip index versions tensorflow lists them';
  runTool('python3', args, { purpose: `fetching ${requirements.join(', ')}`, remedy });
  return readdirSync(into).map((name) => join(into, name));
}

/** Unpacks those files of a wheel whose names begin so. */
export function unpack(wheel: string, into: string, beginnings: readonly string[]): void {
  const program = [
    'import sys, zipfile',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    'wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(tuple(sys.argv[3:]))])',
  ].join('\n');
  runTool('python3', ['-c', program, wheel, into, ...beginnings], { purpose: `unpacking ${wheel}` });
}

/** What `tensorflow[and-cuda]` requires beside TensorFlow. */
function cudaOf(wheel: string): string[] {
  const program = [
    'import re, sys, zipfile',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    "metadata = wheel.read(next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))).decode()",
    "for line in re.findall('^Requires-Dist: (nvidia[^;]*);.*and-cuda', metadata, re.M): print(re.sub('[ ()]', '', line))",
  ].join('\n');
  const lines = runTool('python3', ['-c', program, wheel], { purpose: `reading ${wheel}` });
  return lines.split('\n').filter((line) => line !== '');
}

/** The TensorFlow that python3 has. @throws InstallError where it has none, or one without C libraries */
export function installedTensorflow(): FoundTensorflow {
  const program = [
    'import importlib.metadata, importlib.util, json',
    "spec = importlib.util.find_spec('tensorflow')",
    "names = ['tensorflow', 'tensorflow-cpu', 'tensorflow_intel']",
    'versions = []',
    'for name in names:',
    '    try: versions.append(importlib.metadata.version(name))',
    '    except importlib.metadata.PackageNotFoundError: pass',
    'print(json.dumps([spec and list(spec.submodule_search_locations)[0], versions and versions[0]]))',
  ].join('\n');
  const found = runTool('python3', ['-c', program], { purpose: "looking for python3's TensorFlow" });
  const [folder, version] = JSON.parse(found) as [string | null, string | null];
  if (!folder || !version) {
    throw new InstallError(
      "python3 has no TensorFlow; leave out '--tensorflow installed' to have one fetched, or pip install tensorflow",
    );
  }
  const lacking = [...LIBRARIES, 'include/tensorflow/c/c_api.h'].find((file) => !existsSync(join(folder, file)));
  if (lacking)
    throw new InstallError(`python3's TensorFlow ${version} in ${folder} has no ${lacking}; leave out '--tensorflow installed'`);
  const nvidia = join(folder, '../nvidia');
  if (!existsSync(nvidia)) return { version, folder };
  return { version, folder, nvidia, cuda: versionsIn(readdirSync(join(folder, '..'))) };
}
