/** The kernels in WGSL, in Node through Dawn, on Chromium's software driver. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { resolve } from 'node:path';
import type * as nodeWebgpu from '../src/backends/node-webgpu.js';
import { accelerate } from '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { bundled, runProgram } from './command-line.js';
import { describeIf } from './requires.js';

const root = resolve(__dirname, '..');

describeIf('vulkan', 'WebGPU in Node', () => {
  let nodeAdapter: (typeof nodeWebgpu)['nodeAdapter'];
  let undo: () => void;

  beforeAll(async () => {
    // tf's own losses leak under its test mode, which jest turns on.
    tf.env().set('IS_TEST', false);
    // Not imported: where there is no Dawn that would fail.
    ({ nodeAdapter } = require('../src/backends/node-webgpu.js'));
    require('@tensorflow/tfjs-backend-webgpu');
    undo = await accelerate('webgpu');
    await tf.setBackend('webgpu');
  });
  afterAll(() => undo?.());

  test('runs on the software driver', async () => {
    expect(tf.getBackend()).toBe('webgpu');
    expect(await nodeAdapter()).toMatchObject({ vendor: 'google', architecture: 'swiftshader' });
  });

  describe('every op of the table', () => {
    const webgpuCases = opCases.filter(({ name }) => /^conv2d/.test(name));

    test.each(webgpuCases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
      const [row] = await checkOps([opCase]);
      if (!row!.report.passed) throw new Error(`${row!.name} on webgpu\n${row!.report}`);
    });
  });

  test('lets the process end by itself', () => {
    const { status, stderr, json } = runProgram(bundled('test/processes/webgpu.ts', 'webgpu-test'), root);
    if (status !== 0) throw new Error(`ends with ${status}: ${stderr}`);
    expect(json).toMatchObject({ adapter: { architecture: 'swiftshader' }, backend: 'webgpu', first: 36 });
  });
});
