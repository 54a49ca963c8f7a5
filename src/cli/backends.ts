import * as tf from '@tensorflow/tfjs-core';
import { restoreUtil } from '../backends/tensorflow/restore-util-node.js';
import { accelerate } from '../standard/accelerate.js';
import '../index.js';

/** The backend that was asked for is not to be had; the message says how to get it. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}

/** A backend of tfjs that this command line can use. */
export interface BackendInfo {
  readonly name: string;
  /** What it is, in a few words. */
  readonly description: string;
  /** The packages to import, the first that is there; the others come with tfjs-cnn. */
  readonly packages?: readonly string[];
  /** How to get the last of them; default: npm install. */
  readonly remedy?: string;
}

export const BACKENDS: readonly BackendInfo[] = [
  { name: 'wasm-cnn', description: 'embedded: WebAssembly SIMD and threads' },
  { name: 'cpu', description: 'plain JavaScript' },
  { name: 'wasm', description: "tfjs's WebAssembly", packages: ['@tensorflow/tfjs-backend-wasm'] },
  {
    name: 'tensorflow',
    description: 'TensorFlow in C++',
    packages: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
    remedy: 'npx tfjs-cnn tensorflow install',
  },
  { name: 'webgpu', description: 'the GPU, through Dawn', packages: ['@tensorflow/tfjs-backend-webgpu'] },
];

const ACCELERATED = ['wasm', 'tensorflow', 'webgpu'] as const;

function isAccelerated(name: string): name is (typeof ACCELERATED)[number] {
  return (ACCELERATED as readonly string[]).includes(name);
}

/**
 * Makes a backend the current one, importing its package where it has one.
 *
 * @throws BackendError
 */
export async function useBackend(name: string): Promise<void> {
  const info = BACKENDS.find((backend) => backend.name === name);
  if (!info)
    throw new BackendError(`no backend is called '${name}'; there are ${BACKENDS.map((backend) => backend.name).join(', ')}`);
  if (name === 'webgpu') await importDawn();
  if (info.packages) await importFirst(info.packages, info);
  const start = async (): Promise<boolean> => {
    // Before it is the current one: so it is made as our kernels want it.
    if (isAccelerated(name)) await accelerate(name);
    return tf.setBackend(name);
  };
  const started = await start().catch((error: Error) => error);
  if (started !== true) {
    throw new BackendError(
      `the backend '${name}' does not start${started ? `: ${started.message}` : ''}; tfjs-cnn doctor tells more`,
    );
  }
}

/** Before tfjs's backend, which looks for a GPU when it is loaded, and keeps to itself why there is none. */
async function importDawn(): Promise<void> {
  try {
    const { nodeAdapter } = await import('../backends/node-webgpu.js');
    await nodeAdapter();
  } catch (error) {
    throw new BackendError(`the backend 'webgpu' does not start: ${(error as Error).message}`);
  }
}

async function importFirst(packages: readonly string[], info: BackendInfo): Promise<void> {
  if (info.name === 'tensorflow') restoreUtil();
  const [first, ...others] = packages as [string, ...string[]];
  try {
    await import(first);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent = code === 'ERR_MODULE_NOT_FOUND' && message.includes(first);
    if (absent && others.length > 0) return importFirst(others, info);
    const reason = absent ? (info.remedy ?? `npm install ${first}`) : message.split('\n')[0];
    throw new BackendError(`the backend '${info.name}' needs the package ${first}: ${reason}`);
  }
}
