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
  /** The package to import; the others come with tfjs-cnn. */
  readonly package?: string;
}

export const BACKENDS: readonly BackendInfo[] = [
  { name: 'wasm-cnn', description: 'embedded: WebAssembly SIMD and threads' },
  { name: 'cpu', description: 'plain JavaScript' },
  { name: 'wasm', description: "tfjs's WebAssembly", package: '@tensorflow/tfjs-backend-wasm' },
  { name: 'tensorflow', description: 'TensorFlow in C++', package: '@tensorflow/tfjs-node' },
  { name: 'webgpu', description: 'the GPU, through Dawn', package: '@tensorflow/tfjs-backend-webgpu' },
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
  if (info.package) await importPackage(info.package, name);
  const started = await tf.setBackend(name).catch((error: Error) => error);
  if (started !== true) {
    throw new BackendError(
      `the backend '${name}' does not start${started ? `: ${started.message}` : ''}; tfjs-cnn doctor tells more`,
    );
  }
  if (isAccelerated(name)) await accelerate(name);
}

/** Before tfjs's backend, which looks for a GPU when it is loaded. */
async function importDawn(): Promise<void> {
  try {
    await import('../backends/node-webgpu.js');
  } catch (error) {
    throw new BackendError(`the backend 'webgpu' needs Dawn: ${(error as Error).message}`);
  }
}

async function importPackage(packageName: string, backend: string): Promise<void> {
  if (backend === 'tensorflow') restoreUtil();
  try {
    await import(packageName);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent = code === 'ERR_MODULE_NOT_FOUND' && message.includes(packageName);
    throw new BackendError(
      `the backend '${backend}' needs the package ${packageName}: ${absent ? `npm install ${packageName}` : message.split('\n')[0]}`,
    );
  }
}
