/** TensorFlow on the CPU through tfjs-node, the second oracle of the forward passes. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
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
  require(join(tfjsNodeFolder, 'node_modules/@tensorflow/tfjs-node'));
  await tf.setBackend(TENSORFLOW);
}
