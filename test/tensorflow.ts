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

/** The same with our kernels in the place of tfjs-node's; asserts that it is so. Returns what takes them back. */
export async function useAcceleratedTensorFlow(): Promise<() => void> {
  await useTensorFlow();
  const undo = await accelerate(TENSORFLOW);
  expect(tf.getBackend()).toBe(TENSORFLOW);
  expect(tf.getKernel('CnnConv2DDfilter', TENSORFLOW)).toBeDefined();
  return undo;
}
