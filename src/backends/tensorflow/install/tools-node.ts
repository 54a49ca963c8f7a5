import { spawnSync } from 'node:child_process';

/** TensorFlow cannot be installed here; the message says what is missing and how to get it. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

/** How each tool is come by. */
const REMEDIES = {
  npm: 'npm is missing; it comes with Node: put it on the PATH',
  npx: 'npx is missing; it comes with Node: put it on the PATH',
  python3:
    "python3 is missing: TensorFlow comes from its package index and tfjs-node's addon is built with it; apt-get install python3 python3-pip",
  make: "make is missing: tfjs-node's addon is compiled with it; apt-get install make g++",
};

type Tool = keyof typeof REMEDIES;

/** What a command that found no network says. */
const OFFLINE =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|NewConnectionError|ConnectTimeout|Temporary failure in name resolution|Network is unreachable|Max retries exceeded/;

/** Options of a command. */
export interface CommandOptions {
  readonly cwd?: string;
  /** For messages: "what it was for" failed. */
  readonly purpose: string;
  /** Told when it fails for a reason of its own. */
  readonly remedy?: string;
}

/**
 * Runs a command to its end.
 * @returns what it wrote to stdout
 * @throws InstallError where it is missing, fails or is interrupted, with the end of what it wrote
 */
export function runTool(command: string, args: readonly string[], { cwd, purpose, remedy }: CommandOptions): string {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: process.env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InstallError(absent ? missing(command) : `${purpose} failed: ${error.message}`);
  }
  if (signal) throw new InstallError(`${purpose} was interrupted (${signal}); run the command again, it goes on from there`);
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-12).join('\n');
  const reason = OFFLINE.test(said) ? 'the network or the registry cannot be reached; a proxy is taken from HTTPS_PROXY' : remedy;
  throw new InstallError(`${purpose} failed (${command} ended with ${status})${reason ? `: ${reason}` : ''}\n${said}`);
}

function missing(command: string): string {
  return Object.hasOwn(REMEDIES, command) ? REMEDIES[command as Tool] : `${command} is missing: put it on the PATH`;
}

/** Whether a command can be started. */
export function isThere(command: string, args: readonly string[] = ['--version']): boolean {
  return spawnSync(command, args, { env: process.env, stdio: 'ignore' }).status === 0;
}

/** @throws InstallError naming the first tool that is not there */
export function expectTools(...tools: readonly Tool[]): void {
  for (const tool of tools) if (!isThere(tool)) throw new InstallError(REMEDIES[tool]);
}

/** @throws InstallError where python3 has no pip */
export function expectPip(): void {
  if (!isThere('python3', ['-m', 'pip', '--version'])) {
    throw new InstallError('python3 has no pip, with which TensorFlow is fetched; apt-get install python3-pip');
  }
}

/**
 * The C++ compiler: CXX, or g++, c++ or clang++.
 * @throws InstallError where there is none
 */
export function compiler(): string {
  const named = process.env['CXX'];
  const found = (named ? [named] : ['g++', 'c++', 'clang++']).find((command) => isThere(command));
  if (found) return found;
  throw new InstallError(
    named
      ? `the C++ compiler that CXX names, '${named}', cannot be run`
      : 'a C++ compiler is missing (g++, c++ or clang++, or one that CXX names); apt-get install g++',
  );
}
