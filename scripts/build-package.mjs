// Builds dist/: ES modules for import and bundlers, CommonJS for require, declarations beside both.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

rmSync(join(root, 'dist'), { recursive: true, force: true });
node('scripts/build-wasm.mjs');
for (const kind of ['esm', 'cjs']) node('node_modules/typescript/bin/tsc', '-p', `tsconfig.${kind}.json`);
writeFileSync(join(root, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
const program = join(root, 'dist/esm/cli/main.js');
if (existsSync(program)) chmodSync(program, 0o755);
