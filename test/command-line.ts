/** The command line as its users run it: a program of its own, bundled from the sources. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..');

/** Bundles a script of the project for Node. @returns its path, within the project, so that packages are found */
export function bundled(script: string, folder: string): string {
  return bundle(script, join(root, 'build', folder, 'main.mjs'), '--format=esm', '--packages=external');
}

/** The same with all packages inside, so that it runs wherever it lies. @returns its path in the folder */
export function bundledWhole(script: string, folder: string): string {
  return bundle(script, join(folder, 'main.cjs'), '--format=cjs');
}

function bundle(script: string, program: string, ...more: string[]): string {
  const options = ['--bundle', '--platform=node', '--log-level=error', `--outfile=${program}`, ...more];
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [join(root, script), ...options]);
  return program;
}

/** What a program did. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line, where it is JSON. */
  readonly json: Record<string, unknown>;
}

/** Runs a program to its end. */
export function runProgram(program: string, cwd: string, ...words: string[]): Run {
  return runWith({}, program, cwd, ...words);
}

/** The same with more variables in its environment. */
export function runWith(variables: Readonly<Record<string, string>>, program: string, cwd: string, ...words: string[]): Run {
  const env = { ...process.env, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', cwd, env });
  const lastLine = stdout.trimEnd().split('\n').pop() ?? '';
  return { status, stdout, stderr, json: lastLine.startsWith('{') ? JSON.parse(lastLine) : {} };
}
