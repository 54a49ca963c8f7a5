import { getBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import { OutOfMemoryError } from './wasm-cnn/runtime.js';

/** How tfjs's backends and engines say that there is no memory for a tensor, or none so large. */
const NO_MEMORY =
  /Requested texture size|Unable to create WebGLTexture|Array buffer allocation failed|Invalid typed array length|out of memory/i;

/** The part of an op that runs now: what a driver's message does not know. */
let current: { readonly kernel: string; readonly inputs: Named<TensorInfo> } | undefined;

/**
 * Runs a kernel of an op; whoever fails meanwhile can say which it was.
 * @throws OutOfMemoryError naming it and its sizes; whatever else the kernel throws
 */
export function whileLaunching<T>(kernel: string, inputs: Named<TensorInfo>, run: () => T): T {
  const before = current;
  current = { kernel, inputs };
  try {
    return run();
  } catch (error) {
    throw withSizes(error);
  } finally {
    current = before;
  }
}

/** An error of memory that does not name the op yet is told with it. */
function withSizes(error: unknown): unknown {
  const { message } = error as Error;
  const known = error instanceof OutOfMemoryError;
  if (known ? /\bCnn[A-Z]/.test(message) : !NO_MEMORY.test(message)) return error;
  return new OutOfMemoryError(`${getBackend()}: no memory for ${launching()} (${message}); use a smaller batch`, {
    cause: error,
  });
}

/** What runs now, with its sizes; undefined between our ops. */
export function launching(): string | undefined {
  if (!current) return undefined;
  const sizes = Object.entries(current.inputs).map(([name, { shape }]) => `${name} [${shape}]`);
  return `${current.kernel} of ${sizes.join(', ')}`;
}
