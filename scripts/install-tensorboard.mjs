// Puts TensorBoard into build/tensorboard, for the test that reads event files with it. Needs python3 with pip.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TENSORBOARD = '2.20.0';
/** What TensorBoard imports and does not ask for in its own dependencies: recent setuptools have no pkg_resources. */
const BESIDE = ['setuptools<81'];

const folder = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'build/tensorboard');
const ready = join(folder, 'ready');
const made = `tensorboard ${TENSORBOARD}\n`;

if (existsSync(ready) && readFileSync(ready, 'utf8') === made) {
  console.log(`build/tensorboard is ready: ${made.trim()}`);
} else {
  rmSync(folder, { recursive: true, force: true });
  const packages = [`tensorboard==${TENSORBOARD}`, ...BESIDE];
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, ...packages], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(ready, made);
  console.log(`build/tensorboard is installed: ${made.trim()}`);
}
