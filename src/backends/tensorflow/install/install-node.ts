import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { compileBinding, linkTensorflow } from './binding-node.js';
import { bindingFolder, type Layout, layoutIn, TFJS_VERSION } from './layout-node.js';
import { type InstalledNative, installNative } from './native-node.js';
import { installPackage } from './package-node.js';
import { compiler, expectTools } from './tools-node.js';
import { type CudaVersions, fetchTensorflow, installedTensorflow, TENSORFLOW_VERSION } from './wheel-node.js';

/** What is to be installed. */
export interface InstallOptions {
  /** A project, or a folder for tfjs-node alone. */
  readonly into: string;
  /** This package's folder, with the sources of the native ops. */
  readonly root: string;
  /** tfjs-node-gpu, with CUDA's libraries; default false. */
  readonly gpu?: boolean;
  /** A version from pip, or 'installed': python3's own. Default: the one this package is tested with. */
  readonly tensorflow?: string;
  /** Told what goes on. */
  readonly say?: (line: string) => void;
}

/** What was installed; in tfjs-node's folder it is `tfjs-cnn.json`. */
export interface Installed extends InstalledNative {
  readonly package: string;
  readonly version: string;
  readonly tensorflow: string;
  /** Folder of TensorFlow's libraries. */
  readonly libraries: string;
  /** What it computes with on GPUs. */
  readonly cuda?: CudaVersions;
}

/**
 * Installs tfjs-node into a project, its addon compiled against a TensorFlow of today, and this package's native ops beside it. It can be
 * stopped at any time, and goes on from there; what is there already is not made again.
 *
 * @throws InstallError: what is missing and how to get it
 */
export function installTensorflow({
  into,
  root,
  gpu = false,
  tensorflow = TENSORFLOW_VERSION,
  say = () => {},
}: InstallOptions): Installed {
  const layout = layoutIn(into, gpu);
  // What would fail after the long download fails before it.
  expectTools('npm', 'npx', 'python3', 'make');
  compiler();
  const before = readInstalled(layout);
  say(`${layout.packageName} ${TFJS_VERSION} in ${layout.folder}`);
  installPackage(layout, before !== undefined);
  say(
    tensorflow === 'installed'
      ? 'TensorFlow of python3'
      : `TensorFlow ${tensorflow} from pip${gpu ? ', with CUDA and cuDNN' : ''}`,
  );
  const found = tensorflow === 'installed' ? installedTensorflow() : fetchTensorflow(layout, tensorflow, gpu);
  const same = before?.tensorflow === found.version && before.libraries === found.folder && bindingFolder(layout) !== undefined;
  if (!same) {
    rmSync(layout.marker, { force: true });
    say(`compiling the addon against TensorFlow ${found.version}`);
    linkTensorflow(layout, found);
    compileBinding(layout);
  }
  const native = installNative(layout, { root, gpu, before: same ? before.native : null, say });
  const { packageName } = layout;
  const { version, folder, cuda } = found;
  const installed: Installed = {
    package: packageName,
    version: TFJS_VERSION,
    tensorflow: version,
    libraries: folder,
    ...(cuda && { cuda }),
    ...native,
  };
  writeFileSync(`${layout.marker}.part`, `${JSON.stringify(installed, null, 2)}\n`);
  renameSync(`${layout.marker}.part`, layout.marker);
  return installed;
}

/** What an installation that ended well left. */
export function readInstalled({ marker }: Pick<Layout, 'marker'>): Installed | undefined {
  if (!existsSync(marker)) return undefined;
  return JSON.parse(readFileSync(marker, 'utf8')) as Installed;
}
