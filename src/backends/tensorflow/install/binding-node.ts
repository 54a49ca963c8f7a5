import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Layout, nodePrefix } from './layout-node.js';
import { compiler, expectTools, runTool } from './tools-node.js';
import { type FoundTensorflow, LIBRARIES } from './wheel-node.js';

/** The names under which tfjs-node's linker and loader look for TensorFlow's libraries. */
export function linkTensorflow({ folder: project, addon }: Layout, { folder, nvidia }: FoundTensorflow): void {
  const deps = join(addon, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  const links: Record<string, string> = {
    include: join(folder, 'include'),
    'lib/libtensorflow.so': join(folder, LIBRARIES[0]!),
    'lib/libtensorflow_framework.so': join(folder, LIBRARIES[1]!),
  };
  for (const library of LIBRARIES) links[`lib/${library}`] = join(folder, library);
  // The libraries look for CUDA's beside the folder they are in.
  if (nvidia) links['nvidia'] = nvidia;
  for (const [name, target] of Object.entries(links)) {
    const link = join(deps, name);
    // What lies in the project may be moved with it.
    symlinkSync(target.startsWith(`${project}${sep}`) ? relative(dirname(link), target) : target, link);
  }
}

/** Compiles tfjs-node's own addon against the TensorFlow that is linked. */
export function compileBinding({ addon, packageName }: Layout): void {
  expectTools('make', 'python3');
  compiler();
  // Headers that were installed with Node save a download.
  const prefix = nodePrefix();
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const remedy = "its compiler needs Node's headers (downloaded where Node came without) and C++17";
  const args = ['--no', 'node-pre-gyp', 'install', '--build-from-source', ...headers];
  runTool('npx', args, { cwd: addon, purpose: `compiling the addon of ${packageName}`, remedy });
}
