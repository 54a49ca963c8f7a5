/** A process that computes on WebGPU and then has nothing more to do. Says what it found. */

import * as tf from '@tensorflow/tfjs-core';
import { nodeAdapter } from '../../src/backends/node-webgpu.js';
import '@tensorflow/tfjs-layers';
import { accelerate, conv2d } from '../../src/index.js';

async function main(): Promise<void> {
  // A bundle of ES modules loads packages before its own code.
  await import('@tensorflow/tfjs-backend-webgpu');
  await accelerate('webgpu');
  await tf.setBackend('webgpu');
  const y = conv2d(tf.ones([1, 4, 4, 4]), tf.ones([3, 3, 4, 4]));
  const [first] = await y.data();
  process.stdout.write(`${JSON.stringify({ adapter: await nodeAdapter(), backend: tf.getBackend(), first })}\n`);
}

void main();
