import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { DataError } from '../../data/dataset.js';

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure kernels and training steps against stock tfjs, on this machine')
    .argument('[options...]', 'handed to the bench, e.g. --peers')
    .allowUnknownOption()
    .helpOption(false)
    .action(bench);
}

/** In a process of its own, so that nothing of the command line is measured with it. */
async function bench(options: string[]): Promise<void> {
  const root = dirname(createRequire(import.meta.url).resolve('tfjs-cnn/package.json'));
  const program = join(root, 'dist/bench/main.js');
  if (!existsSync(program)) throw new DataError(program, "tfjs-cnn's bench", 'nothing', 'npm run build makes it');
  const child = spawn(process.execPath, [program, ...options], { stdio: 'inherit', cwd: root });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
