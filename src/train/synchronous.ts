import { getBackend } from '@tensorflow/tfjs-core';

const SYNCHRONOUS = ['wasm-cnn', 'cpu', 'wasm', 'tensorflow'];

/** Whether the current backend has a kernel's results when it returns; a GPU's would have to be waited for. */
export function isSynchronous(): boolean {
  return SYNCHRONOUS.includes(getBackend());
}
