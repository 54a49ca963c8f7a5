// Runs readers of weights on damaged files (test/fuzz/main.ts): bundled, since Node runs no TypeScript.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'build/fuzz');
mkdirSync(folder, { recursive: true });
cpSync(join(root, 'test/fixtures'), join(folder, 'fixtures'), { recursive: true });
await esbuild.build({
  entryPoints: [join(root, 'test/fuzz/main.ts')],
  outfile: join(folder, 'main.mjs'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: { js: `const __dirname = ${JSON.stringify(folder)};` },
  logLevel: 'error',
});
const { status } = spawnSync(process.execPath, [join(folder, 'main.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
