/** The packed tarball, installed in a folder of its own as anybody would. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** A folder that is a package with the tarball installed. */
export class Consumer {
  private constructor(readonly folder: string) {}

  /** Builds if a source is newer than dist/, packs, installs with the peers that the package asks for. */
  static create(): Consumer {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tfjs-cnn-consumer-')));
    if (newest(join(root, 'src')) > newest(join(root, 'dist/cjs'))) execute(root, 'npm', 'run', '--silent', 'build');
    // Built just now: packing need not do it again.
    execute(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    const consumer = new Consumer(folder);
    consumer.write('package.json', '{"name": "consumer", "private": true}');
    execute(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
    return consumer;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, content: string): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Runs a script here with the given Node; returns what its last line of output says as JSON. */
  run(script: string, node = process.execPath): unknown {
    const output = execute(this.folder, node, script);
    return JSON.parse(output.trim().split('\n').at(-1)!);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a program to its end; returns what it prints. Its failure shows all that it printed. */
export function execute(cwd: string, command: string, ...args: string[]): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ends with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Time of the youngest file below a folder; 0 where there is none. Generated files follow from the others. */
function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => !name.includes('.generated.'));
  return Math.max(0, ...files.map((name) => statSync(join(folder, name)).mtimeMs));
}
