/** Python with the packages of scripts/install-python.mjs, for tests that need it ('python' of requires.ts). */
import { spawnSync } from 'node:child_process';
import { pythonFolder } from './requires.js';

/** Runs a program and gives what it prints, which is JSON. */
export function python<T>(program: string, ...args: readonly string[]): T {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: pythonFolder, PYTHONDONTWRITEBYTECODE: '1', KERAS_BACKEND: 'jax' },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`python3: ${stderr}`);
  return JSON.parse(stdout) as T;
}
