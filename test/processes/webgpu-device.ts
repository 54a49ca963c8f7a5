/**
 * A process on the driver that VK_DRIVER_FILES names. Says which device it got, how many programs use subgroups, and which ops that reduce
 * failed there. With the word 'before' tfjs makes its backend before it is accelerated.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nodeAdapter } from '../../src/backends/node-webgpu.js';
import type { WebgpuBackend } from '../../src/backends/webgpu/backend.js';
import '@tensorflow/tfjs-layers';
import { accelerate } from '../../src/index.js';
import { checkOps } from '../../src/inspect/check-ops.js';
import { opCases } from '../../src/inspect/op-cases.js';

/** Ops whose workgroups put their values together. */
const REDUCING = /^(softmaxCrossEntropy|batchNorm training|globalAvgPool)/;

async function main(): Promise<void> {
  // A bundle of ES modules loads packages before its own code.
  await import('@tensorflow/tfjs-backend-webgpu');
  if (process.argv[2] === 'before') await tf.setBackend('webgpu');
  await accelerate('webgpu');
  await tf.setBackend('webgpu');
  const { device } = tf.backend() as unknown as WebgpuBackend;
  let withSubgroups = 0;
  const compile = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    if (descriptor.code.includes('enable subgroups;')) withSubgroups++;
    return compile(descriptor);
  };
  const rows = await checkOps(opCases.filter(({ name }) => REDUCING.test(name)));
  const failed = rows.filter(({ report }) => !report.passed).map(({ name, report }) => `${name}: ${report}`);
  const features = ['shader-f16', 'subgroups'].filter((feature) => device.features.has(feature));
  const found = { adapter: await nodeAdapter(), backend: tf.getBackend(), features, withSubgroups, checked: rows.length, failed };
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

void main();
