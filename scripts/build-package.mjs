// Builds dist/: ES modules for import and bundlers, CommonJS for require, declarations beside both; and the bench.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { buildWorkers } from './build-workers.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

rmSync(join(root, 'dist'), { recursive: true, force: true });
node('scripts/build-wasm.mjs');
await buildWorkers();
for (const kind of ['esm', 'cjs']) node('node_modules/typescript/bin/tsc', '-p', `tsconfig.${kind}.json`);
writeFileSync(join(root, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
// What __filename is to CommonJS. A bundler that makes no module of it leaves it undefined.
writeFileSync(join(root, 'dist/esm/own-url.js'), 'export const ownUrl = () => import.meta.url;\n');
await esbuild.build({
  entryPoints: ['bench/main.ts', 'bench/here.ts', 'bench/read-file.ts'].map((file) => join(root, file)),
  outdir: join(root, 'dist/bench'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  splitting: true,
});
const program = join(root, 'dist/esm/cli/main.js');
if (existsSync(program)) chmodSync(program, 0o755);
