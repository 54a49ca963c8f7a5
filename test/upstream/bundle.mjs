// tfjs-core's own specs as one file that Node and a browser can run: specs, backends and (where asked for)
// this package over a single copy of tfjs-core.

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../..');

/** Set-up first: the specs read the environments to run in while they are imported. */
const entry = (withPackage) => `
import {setTestEnvs} from '@tensorflow/tfjs-core/dist/jasmine_util';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-backend-cpu';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {restoreUtil} from './src/backends/tensorflow/restore-util-node.ts';
${withPackage ? "import * as cnn from './src/index.ts';" : 'const cnn = undefined;'}
const {backend, accelerated, wasmPath, tfjsNode} = globalThis.upstream;
setWasmPaths(wasmPath);
if (tfjsNode) {
  restoreUtil();
  require(tfjsNode);
}
setTestEnvs([{name: backend, backendName: backend, isDataSync: true}]);
globalThis.upstream.ready = accelerated ? Promise.resolve(cnn.accelerate(backend)) : undefined;
`;

/**
 * Bundles the specs into build/upstream.
 *
 * @param withPackage whether this package is part of it
 * @returns path of the bundle, a CommonJS script
 */
export async function bundleSpecs(withPackage) {
  const outfile = join(root, 'build/upstream', withPackage ? 'package.cjs' : 'stock.cjs');
  await build({
    stdin: {
      // Two modules: imports run before the code beside them, and the specs must come after the set-up.
      contents: `import 'set-up'; import '@tensorflow/tfjs-core/dist/tests';`,
      resolveDir: root,
    },
    plugins: [
      {
        name: 'set-up',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^set-up$/ }, () => ({ path: 'set-up', namespace: 'set-up' }));
          onLoad({ filter: /.*/, namespace: 'set-up' }, () => ({ contents: entry(withPackage), resolveDir: root }));
        },
      },
    ],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: ['node-fetch'],
    ignoreAnnotations: true,
    outfile,
    logLevel: 'error',
  });
  return outfile;
}
