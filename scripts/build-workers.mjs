// Bundles the programs of workers that prepare batches and writes them as text, each beside its source: text that a
// module brings along is found by every bundler, module system and browser, where a file of its own is not.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'src/data/loader/worker');

/**
 * Workers change bytes; the half of the transforms that changes tensors comes along, but is never called. So whatever it imports,
 * extends or registers with is nothing.
 */
const withoutTensors = {
  name: 'without tensors',
  setup(build) {
    build.onResolve({ filter: /^@tensorflow\// }, () => ({ path: 'tfjs', namespace: 'absent' }));
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: `
        const nothing = new Proxy(function () {}, {
          get: (target, name) => (typeof name === 'symbol' || name === 'prototype' ? target[name] : nothing),
          getPrototypeOf: () => nothing,
          apply: () => nothing,
        });
        module.exports = nothing;`,
    }));
  },
};

export async function buildWorkers() {
  for (const [name, platform] of [
    ['memory-worker', 'browser'],
    ['file-worker', 'node'],
  ]) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(folder, `${name}.ts`)],
      bundle: true,
      minify: true,
      write: false,
      platform,
      format: platform === 'node' ? 'cjs' : 'iife',
      target: 'es2022',
      plugins: [withoutTensors],
    });
    const file = join(folder, `${name}.generated.ts`);
    const text = `export const program = ${JSON.stringify(outputFiles[0].text)};\n`;
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWorkers();
