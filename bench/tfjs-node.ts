/** tfjs-node, built against a TensorFlow of today: not a dependency, so it lies beside. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { accelerate } from 'tfjs-cnn';
import { restoreUtil } from '../src/backends/tensorflow/restore-util-node.js';
import type { Way } from './backends.js';

const require = createRequire(import.meta.url);

/** The package's folder. */
export const root = dirname(require.resolve('tfjs-cnn/package.json'));

/** Folder of tfjs-node, as scripts/build-tfjs-node.mjs makes it. */
export const TFJS_NODE = join(root, 'build/tfjs-node/node_modules/@tensorflow/tfjs-node');

/** Why it cannot run; undefined where it can. */
export function withoutTfjsNode(): string | undefined {
  return existsSync(TFJS_NODE) ? undefined : 'build it by node scripts/build-tfjs-node.mjs';
}

/** Registers its backend. */
export function loadTfjsNode(folder = TFJS_NODE): void {
  restoreUtil();
  require(folder);
}

/** Our kernels on it, by native ops and composed of TensorFlow's own. They take turns in one process. */
export function tensorflowWays(): { native: Way; composed: Way } {
  let now: { name: string; undo: () => void } | undefined;
  const way = (name: string, native: boolean): Way => ({
    name,
    async use() {
      await tf.setBackend('tensorflow');
      if (now?.name === name) return;
      now?.undo();
      if (!native) process.env['TFJS_CNN_NATIVE'] = '0';
      now = { name, undo: await accelerate('tensorflow') };
      delete process.env['TFJS_CNN_NATIVE'];
    },
  });
  return { native: way('native ops', true), composed: way("compositions of TensorFlow's ops", false) };
}
