/** TensorFlow on the CPU through tfjs-node: an oracle beside the references, and with our kernels a backend of its own. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { restoreUtil } from '../src/backends/tensorflow/restore-util-node.js';
import { accelerate } from '../src/index.js';
import { absent, tfjsNodeFolder } from './requires.js';

/** Name of tfjs-node's backend. */
export const TENSORFLOW = 'tensorflow';

/**
 * Registers tfjs-node's backend in this project's tfjs-core and makes it the current one.
 * Only where `absent('tfjs-node')` is undefined: see describeIf.
 */
export async function useTensorFlow(): Promise<void> {
  const reason = absent('tfjs-node');
  if (reason) throw new Error(reason);
  restoreUtil();
  // It registers the kernels of tfjs's cpu a second time, and says so of each.
  const { warn } = console;
  console.warn = () => undefined;
  require(join(tfjsNodeFolder, 'node_modules/@tensorflow/tfjs-node'));
  console.warn = warn;
  await tf.setBackend(TENSORFLOW);
}

/**
 * The same with our kernels in the place of tfjs-node's; asserts that it is so. Returns what takes them back.
 * @param native whether native ops go before compositions; default true
 */
export async function useAcceleratedTensorFlow({ native = true } = {}): Promise<() => void> {
  await useTensorFlow();
  if (!native) process.env['TFJS_CNN_NATIVE'] = '0';
  const undo = await accelerate(TENSORFLOW);
  delete process.env['TFJS_CNN_NATIVE'];
  expect(tf.getKernel('CnnSgdStepJoined', TENSORFLOW) != null).toBe(native);
  expect(tf.getBackend()).toBe(TENSORFLOW);
  expect(tf.getKernel('CnnConv2DDfilter', TENSORFLOW)).toBeDefined();
  return undo;
}

/** All tests of a file, or of a describe, run on it, and outside of what tfjs does in tests. */
export function onAcceleratedTensorFlow(): void {
  let undo: () => void;
  beforeAll(async () => {
    tf.env().set('IS_TEST', false);
    undo = await useAcceleratedTensorFlow();
  });
  afterAll(() => undo());
}

/** TensorFlow's ops that run meanwhile. */
export function opsOf(run: () => tf.Tensor | object): string[] {
  const backend = tf.backend() as unknown as { binding: { executeOp(name: string, ...rest: unknown[]): unknown } };
  const { binding } = backend;
  const names: string[] = [];
  const executeOp = (name: string, ...rest: unknown[]) => {
    names.push(name);
    return binding.executeOp(name, ...rest);
  };
  // Constants and dtypes are the addon's own properties, not to be changed.
  backend.binding = new Proxy(
    {},
    { get: (_, key) => (key === 'executeOp' ? executeOp : bound(binding, key as keyof typeof binding)) },
  ) as typeof binding;
  try {
    tf.dispose(run() as tf.Tensor);
  } finally {
    backend.binding = binding;
  }
  return names;
}

function bound<T extends object>(of: T, key: keyof T): unknown {
  const value = of[key];
  return typeof value === 'function' ? value.bind(of) : value;
}
