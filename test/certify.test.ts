/** The parity certificate: every backend of this machine trains as float64 does, and one that is a little wrong is found. */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { resolve } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { recordInBrowser } from '../src/cli/certify/in-browser.js';
import type { Absence } from '../src/cli/certify/in-child.js';
import { accelerate, cifarResNet20, leNet5 } from '../src/index.js';
import { certificateOf, shareOf } from '../src/inspect/certify/certificate.js';
import { taskOf } from '../src/inspect/certify/certify.js';
import { largest, type Reference, referenceTraining } from '../src/inspect/certify/reference.js';
import { sumLength } from '../src/inspect/certify/rounding-noise.js';
import { recordTraining, type TrainingRecord } from '../src/inspect/certify/training-record.js';
import { certify, formatCertificate } from '../src/inspect/index.js';
import { bundled, runProgram } from './command-line.js';
import { testIf } from './requires.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

const root = resolve(__dirname, '..');

/** Nets as a page can make them, too: by name and options. */
const NETS: [string, Record<string, unknown>, () => LayersModel][] = [
  ['leNet5', {}, () => leNet5({ seed: 1 })],
  ['cifarResNet20', { width: 4, inputShape: [16, 16, 3] }, () => cifarResNet20({ width: 4, inputShape: [16, 16, 3], seed: 1 })],
];

const valuesOf = ({ data }: MathBackendCPU, dataId: object) => data.get(dataId).values as Float32Array;

/** A backend as tfjs's cpu, but for one kernel, whose result is multiplied. */
async function slightlyWrong(name: string, kernelName: string, factor: number): Promise<void> {
  tf.registerBackend(name, () => new MathBackendCPU());
  tf.copyRegisteredKernels('cpu', name);
  const { kernelFunc } = tf.getKernel(kernelName, 'cpu')!;
  tf.unregisterKernel(kernelName, name);
  tf.registerKernel({
    kernelName,
    backendName: name,
    kernelFunc: (call) => {
      const outputs = kernelFunc(call);
      const [{ dataId }] = [outputs].flat() as [tf.TensorInfo];
      const backend = call.backend as MathBackendCPU;
      backend.data.get(dataId).values = valuesOf(backend, dataId).map((value) => factor * value);
      return outputs;
    },
  });
}

describe.each(NETS)('the certificate of %s', (net, options, build) => {
  let reference: Reference;
  const task = taskOf(build);
  const complaints = (record: TrainingRecord) => {
    const { losses, gradients, weights } = certificateOf(reference, record);
    return [...losses, ...gradients, ...weights].filter((each) => !(shareOf(each) <= 1));
  };

  beforeAll(async () => {
    // tf's test mode takes the noise for a leak.
    tf.env().set('IS_TEST', false);
    await tf.setBackend('wasm-cnn');
    await accelerate('wasm');
    reference = await referenceTraining(task);
  }, 300_000);

  test('has a reference without a rounding', () => {
    expect(tf.getBackend()).toBe('wasm-cnn');
    expect(reference.roundingKernels).toEqual([]);
    expect(reference.exact.losses).toHaveLength(10);
    for (const values of Object.values(reference.exact.gradients)) expect(values).toBeInstanceOf(Float64Array);
  });

  test('is sharp: float32 moves the first loss and its gradients by little', () => {
    const { exact, lossBounds, gradientBounds } = reference;
    expect(lossBounds[0]! / exact.losses[0]!).toBeLessThan(1e-4);
    const shares = Object.entries(exact.gradients).map(([name, values]) => gradientBounds[name]! / largest(values));
    expect(Math.max(...shares)).toBeLessThan(1e-3);
  });

  test.each(['wasm-cnn', 'cpu', 'wasm'])('%s is within', async (backend) => {
    await tf.setBackend(backend);
    expect(complaints(await recordTraining(task))).toEqual([]);
  });

  testIf('tfjs-node', 'tensorflow is within', async () => {
    await useTensorFlow();
    await accelerate(TENSORFLOW);
    expect(complaints(await recordTraining(task))).toEqual([]);
  });

  testIf(
    'vulkan',
    'webgpu in Node is within',
    async () => {
      require('../src/backends/node-webgpu.js');
      require('@tensorflow/tfjs-backend-webgpu');
      await accelerate('webgpu');
      await tf.setBackend('webgpu');
      expect(complaints(await recordTraining(task))).toEqual([]);
    },
    300_000,
  );

  testIf(
    'chromium',
    'wasm-cnn, webgl and webgpu in Chromium are within',
    async () => {
      const found: (TrainingRecord | Absence)[] = [];
      const { steps, batchSize, learningRate, seed } = task;
      await recordInBrowser('software', { net, options, steps, batchSize, learningRate, seed }, (each) => void found.push(each));
      expect(found.filter((each) => 'reason' in each)).toEqual([]);
      const records = found as TrainingRecord[];
      expect(records.map(({ backend }) => backend)).toEqual(['chromium wasm-cnn', 'chromium webgl', 'chromium webgpu']);
      expect(records.map(({ adapter }) => adapter)).toEqual([
        expect.stringMatching(/^([2-9]|\d\d+) threads/),
        expect.stringContaining('SwiftShader'),
        'google swiftshader',
      ]);
      expect(records.flatMap(complaints)).toEqual([]);
    },
    600_000,
  );
});

describe('a backend that is wrong', () => {
  test.each([
    ['a filter gradient a hundredth of a per cent too large', 'CnnConv2DDfilter', 1.0001, /BEYOND/],
    ['weights that lose a ten thousandth in a step', 'CnnSgdMomentumStep', 0.9999, /BEYOND/],
    ['nothing but NaN', 'CnnConv2D', NaN, /- +BEYOND/],
  ] as const)('is found by %s', async (what, kernelName, factor, verdict) => {
    tf.env().set('IS_TEST', false);
    await slightlyWrong(what, kernelName, factor);
    await tf.setBackend('wasm-cnn');
    const certificate = await certify(() => leNet5({ seed: 1 }), { backends: [what, 'wasm-cnn'], steps: 2, batchSize: 2 });
    const [wrong, right] = certificate.backends;
    expect({ all: certificate.passed, wrong: wrong!.passed, right: right!.passed }).toEqual({
      all: false,
      wrong: false,
      right: true,
    });
    const lines = formatCertificate(certificate);
    expect(lines[1]).toMatch(verdict);
    expect(lines.at(-1)).toBe(`beyond the bound: ${what}`);
    expect(tf.getBackend()).toBe('wasm-cnn');
  });
});

test('options that are none are refused', async () => {
  const build = () => leNet5({ seed: 1 });
  await expect(certify(build, { steps: 0 })).rejects.toThrow('certify: steps must be a positive integer, got 0');
  await expect(certify(build, { backends: [] })).rejects.toThrow(/backends must be a list of backends/);
  await expect(certify(undefined as never)).rejects.toThrow(/build must be a function that makes the net/);
  await expect(certify(build, { step: 1 } as never)).rejects.toThrow(/no option 'step'/);
});

test('sums are as long as shapes say', () => {
  const batch = 4;
  // A convolution, its filter's gradient, a pool, the update of a weight.
  expect(sumLength([[4, 8, 8, 3], [3, 3, 3, 16], [16]], [[4, 6, 6, 16]], batch)).toBe(27);
  expect(
    sumLength(
      [
        [4, 6, 6, 16],
        [4, 8, 8, 3],
      ],
      [[3, 3, 3, 16]],
      batch,
    ),
  ).toBe(256);
  expect(sumLength([[4, 8, 8, 3]], [[4, 4, 4, 3]], batch)).toBe(4);
  expect(
    sumLength(
      [
        [3, 3, 3, 16],
        [3, 3, 3, 16],
      ],
      [[3, 3, 3, 16]],
      batch,
    ),
  ).toBe(1);
});

describe('the command certify', () => {
  let program: string;
  beforeAll(() => {
    program = bundled('src/cli/main.ts', 'certify-test');
  });
  const certifyLeNet = (...words: string[]) => runProgram(program, root, 'certify', 'lenet5', '--steps', '2', ...words);

  test('prints a table, with a process for each backend', () => {
    const { status, stdout, json } = certifyLeNet('--backends', 'cpu,wasm-cnn,wasm', '--json');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(json).toMatchObject({ net: 'lenet5', passed: true, steps: 2, absent: [] });
    const backends = json['backends'] as { backend: string; passed: boolean; adapter?: string }[];
    expect(backends.map(({ backend }) => backend)).toEqual(['cpu', 'wasm-cnn', 'wasm']);
    expect(backends[1]!.adapter).toMatch(/threads/);
  }, 120_000);

  test('says what is missing, and fails where that was asked for', () => {
    const { status, stdout } = certifyLeNet('--backends', 'cpu,tensorflow');
    expect(status).toBe(1);
    expect(stdout).toMatch(/tensorflow +missing: .*npx tfjs-cnn tensorflow install/);
    expect(stdout).toMatch(/cpu .* ok/);
    expect(certifyLeNet('--backends', 'cpu,gpu').stderr).toMatch(/There is no backend 'gpu'; there are wasm-cnn, cpu/);
    expect(runProgram(program, root, 'certify', 'lenet7').stderr).toMatch(/there is no net 'lenet7'/);
  }, 120_000);
});
