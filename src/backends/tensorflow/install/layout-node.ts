import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InstallError } from './tools-node.js';

/** The version of tfjs-node, and of all of tfjs, that this package is tested with. */
export const TFJS_VERSION = '4.22.0';

/** Where the parts of one installation lie. */
export interface Layout {
  /** The project, or a folder for tfjs-node alone. */
  readonly folder: string;
  /** @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu. */
  readonly packageName: string;
  /** That package. */
  readonly addon: string;
  /** What is fetched: TensorFlow's libraries and headers, nvcc. It goes with node_modules, wherever these go. */
  readonly cache: string;
  /** Written last: what was installed. */
  readonly marker: string;
}

export function layoutIn(into: string, gpu: boolean): Layout {
  const folder = resolve(into);
  const packageName = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const addon = join(folder, 'node_modules', packageName);
  return {
    folder,
    packageName,
    addon,
    cache: join(folder, 'node_modules/.cache/tfjs-cnn'),
    marker: join(addon, 'tfjs-cnn.json'),
  };
}

/** Folder of tfjs-node's compiled addon, undefined before it is compiled: it is named after the version of N-API. */
export function bindingFolder({ addon }: Layout): string | undefined {
  const lib = join(addon, 'lib');
  const names = existsSync(lib) ? readdirSync(lib) : [];
  const name = names.find((each) => existsSync(join(lib, each, 'tfjs_binding.node')));
  return name && join(lib, name);
}

/** Folder of Node's headers for addons: beside Node itself, or where node-gyp puts them when it compiles something. */
export function nodeHeaders(): string | undefined {
  const caches =
    process.env['npm_config_devdir'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homeFolder(), '.cache'), 'node-gyp');
  const folders = [join(nodePrefix(), 'include/node'), join(caches, process.versions.node, 'include/node')];
  return folders.find((folder) => existsSync(join(folder, 'node_api.h')));
}

/** Where Node is installed. */
export function nodePrefix(): string {
  return resolve(process.execPath, '../..');
}

function homeFolder(): string {
  const home = process.env['HOME'];
  if (!home) throw new InstallError('HOME is not set: it says where caches are');
  return home;
}
