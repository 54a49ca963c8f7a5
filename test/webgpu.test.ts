/** The kernels in WGSL, in Node through Dawn, on Chromium's software driver. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as nodeWebgpu from '../src/backends/node-webgpu.js';
import type { WebgpuBackend } from '../src/backends/webgpu/backend.js';
import { DataLoader, syntheticDigits } from '../src/data/index.js';
import { accelerate, conv2d, leNet5 } from '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { runPart } from '../src/op-kernels.js';
import { gatedActivation } from '../src/ops/activation/activation.js';
import { scalarActivation } from '../src/ops/activation/functions.js';
import { Sgd, Trainer } from '../src/train/index.js';
import { bundled, runProgram } from './command-line.js';
import { composedParts } from './compositions.js';
import { type Golden, goldenComplaints, nameOf } from './golden-calls.js';
import { filledUniformly } from './golden-fill.js';
import { ROUNDING } from './kernel-sides.js';
import { updateOps } from './optimizers.js';
import { describeIf, sharedPath } from './requires.js';

const root = resolve(__dirname, '..');

describeIf('vulkan', 'WebGPU in Node', () => {
  let nodeAdapter: (typeof nodeWebgpu)['nodeAdapter'];
  let undo: () => void;
  const backend = () => tf.backend() as unknown as WebgpuBackend;

  beforeAll(async () => {
    // tf's own losses leak under its test mode, which jest turns on.
    tf.env().set('IS_TEST', false);
    // Not imported: where there is no Dawn that would fail.
    ({ nodeAdapter } = require('../src/backends/node-webgpu.js'));
    require('@tensorflow/tfjs-backend-webgpu');
    undo = await accelerate('webgpu');
  });
  beforeEach(async () => {
    await tf.setBackend('webgpu');
  });
  afterAll(() => undo?.());

  test('runs on the software driver', async () => {
    expect(tf.getBackend()).toBe('webgpu');
    expect(await nodeAdapter()).toMatchObject({ vendor: 'google', architecture: 'swiftshader' });
  });

  describe('every op of the table', () => {
    test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
      const [row] = await checkOps([opCase]);
      if (!row!.report.passed) throw new Error(`${row!.name} on webgpu\n${row!.report}`);
    });

    test('ran on kernels of its own', () => {
      expect(composedParts('webgpu')).toEqual([]);
    });
  });

  test.each(['gelu', 'geluTanh', 'silu', 'hardSwish', 'mish'] as const)('%s far out', async (kind) => {
    const numbers = Float32Array.of(0, -3, 3, 16.5, -16.5, -88.5, 88.5, -103, 1e30, -1e30, 3e38, -3e38);
    const x = tf.tensor1d(numbers);
    const f = (each: tf.Tensor) => gatedActivation(each, kind);
    const [y, dx] = [f(x), tf.grad(f)(x)];
    const [values, slopes] = [await y.data(), await dx.data()];
    const { value, slope } = scalarActivation[kind];
    numbers.forEach((number, i) => {
      // An argument of exp is rounded, too; what is smaller than the smallest normal number may be 0.
      const [bound, smallest] = [64 * ROUNDING, 2 ** -120];
      expect(Math.abs(values[i]! - value(number, 1))).toBeLessThanOrEqual(bound * Math.abs(value(number, 1)) + smallest);
      expect(Math.abs(slopes[i]! - slope(number, 1))).toBeLessThanOrEqual(bound + smallest);
    });
    expect(Array.from(await f(tf.tensor1d([NaN])).data())).toEqual([NaN]);
    tf.dispose([x, y, dx]);
  });

  describeIf('golden', 'the public ops against PyTorch in float64', () => {
    const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };

    test.each(cases.map((golden, i) => [nameOf(golden, i), golden] as const))('%s', async (_name, golden) => {
      expect(await goldenComplaints(golden)).toEqual([]);
    });
  });

  // Direct is what the software driver has by itself.
  describe.each(['shared64', 'shared128'])('products in tiles %s', (tiles) => {
    let undoTiles: () => void;
    beforeAll(async () => {
      undo();
      tf.env().set('CNN_WEBGPU_TILES', tiles);
      undoTiles = await accelerate('webgpu');
    });
    afterAll(async () => {
      undoTiles();
      tf.env().set('CNN_WEBGPU_TILES', 'auto');
      undo = await accelerate('webgpu');
    });

    test.each(['conv2d 3x3 same relu', 'conv2d 3x3 same, 18 -> 17 channels', 'conv2d 3x3 groups 2 stride 3x1', 'dense 37 -> 10'])(
      '%s',
      async (name) => {
        const [row] = await checkOps(opCases.filter((each) => each.name === name));
        if (!row!.report.passed) throw new Error(String(row!.report));
      },
    );
  });

  test('convolutions of many channels in large tiles agree with wasm-cnn', async () => {
    const values = (shape: number[], name: string) => filledUniformly(new Float32Array(tf.util.sizeFromShape(shape)), name, 1, 0);
    const [xShape, filterShape] = [
      [3, 9, 7, 68],
      [3, 3, 68, 132],
    ];
    const results: Float32Array[][] = [];
    for (const name of ['webgpu', 'wasm-cnn']) {
      await tf.setBackend(name);
      const [x, filter] = [
        tf.tensor4d(values(xShape, 'x'), xShape as never),
        tf.tensor4d(values(filterShape, 'filter'), filterShape as never),
      ];
      const f = (a: tf.Tensor, b: tf.Tensor) => conv2d(a as tf.Tensor4D, b as tf.Tensor4D, { pads: 1 });
      const y = f(x, filter);
      const gradients = tf.grads(f)([x, filter], y);
      results.push((await Promise.all([y, ...gradients].map((t) => t.data()))) as Float32Array[]);
    }
    const [found, expected] = results as [Float32Array[], Float32Array[]];
    // Sums of 9 * 68 (9 * 132, 189) products of numbers below 1, of the gradients times y's, with a root of the number of terms to spare.
    [9 * 68, 9 * 132, 189].forEach((terms, i) => {
      const scale = Math.max(...expected[i]!.map(Math.abs));
      const worst = found[i]!.reduce((most, v, j) => Math.max(most, Math.abs(v - expected[i]![j]!)), 0);
      expect(worst).toBeLessThan(2 * terms * ROUNDING * scale);
    });
  });

  describe('updates', () => {
    const numbers = {
      ...{ clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3 },
      ...{ momentum: 0.9, share: 0.1, nesterov: true, squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2 },
      ...{ beta2: 0.99, epsilon: 0.01, most: 0.5, coefficient: 0.1, weightDecay: 0.02 },
    };
    const positive = ['square', 'largest', 'delta', 'sum', 'before', 'scale'];
    const scalars = ['scale', 'trust', 'before'];
    const fill = (name: string, size: number) =>
      positive.includes(name)
        ? filledUniformly(new Float32Array(size), name, 0.4, 0.6)
        : filledUniformly(new Float32Array(size), name, name === 'mean' ? 0.3 : 1, 0);

    test.each(updateOps.map((op) => [op.name, op] as const))('%s, in place where nobody shares', async (name, op) => {
      const { inputs, outputs, updates = {} } = op.parts['forward']!;
      for (const [size, shared] of [
        [18, false],
        [16, true],
      ] as const) {
        const geometry = { shape: [size], size, ...numbers } as never;
        const length = (input: string) => (scalars.includes(input) || name === 'CnnClipFactor' ? 1 : size);
        const given = Object.fromEntries(inputs.map((input) => [input, fill(input, length(input))]));
        const expected = Object.fromEntries(
          Object.keys(outputs).map((output) => [output, new Float64Array(outputs[output]!(geometry)[0] ?? 1)]),
        );
        op.kernels.reference['forward']!(
          Object.fromEntries(inputs.map((input) => [input, Float64Array.from(given[input]!)])),
          expected,
          geometry,
        );
        const tensors = Object.fromEntries(
          inputs.map((input) => [
            input,
            tf.tensor(given[input]!, length(input) === 1 && scalars.includes(input) ? [] : [length(input)]),
          ]),
        );
        const clones = shared ? inputs.map((input) => tf.clone(tensors[input]!)) : [];
        const results = runPart(op, 'forward', tensors, geometry);
        for (const [i, output] of Object.keys(outputs).entries()) {
          const found = await results[i]!.data();
          expected[output]!.forEach((value, j) => {
            // Some thirty roundings of numbers below 5, one more for each square that is added.
            expect(Math.abs(found[j]! - value)).toBeLessThan((150 + size) * ROUNDING);
          });
          const input = updates[output];
          if (input && writesOver(name)) expect(results[i]!.dataId === tensors[input]!.dataId).toBe(!shared);
        }
        for (const [i, clone] of clones.entries()) expect(await clone.data()).toEqual(given[inputs[i]!]);
        tf.dispose([tensors, clones, results]);
      }
    });

    /** The others make numbers that are new. */
    const writesOver = (name: string) => name.endsWith('Step');
  });

  /** Steps of LeNet-5 on digits made from a seed. */
  async function lossesOfLeNet5(name: string, batchSize: number, count = 48): Promise<readonly number[]> {
    await tf.setBackend(name);
    const digits = syntheticDigits({ train: count, test: 1 }, 5).train;
    const optimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 });
    const net = leNet5({ seed: 7 });
    const trainer = new Trainer(net, { optimizer });
    const { losses } = await trainer.fit(new DataLoader(digits, { batchSize }), { epochs: 1 });
    trainer.dispose();
    optimizer.dispose();
    net.dispose();
    return losses;
  }

  test('LeNet-5 trains as on wasm-cnn', async () => {
    const found = await lossesOfLeNet5('webgpu', 8);
    const expected = await lossesOfLeNet5('wasm-cnn', 8);
    expect(found).toHaveLength(6);
    // Sums of 400 products round to 400 * 2^-24 of their size; six steps add to that.
    found.forEach((loss, i) => expect(Math.abs(loss - expected[i]!)).toBeLessThan(6 * 400 * ROUNDING * expected[i]!));
  });

  test('the last, smaller batch compiles nothing', async () => {
    await lossesOfLeNet5('webgpu', 8, 8);
    await tf.setBackend('webgpu');
    const compile = jest.spyOn(backend().device, 'createComputePipeline');
    await lossesOfLeNet5('webgpu', 3, 3);
    const ours = compile.mock.calls.map(([{ label }]) => label).filter((label) => label?.startsWith('tfjs-cnn'));
    compile.mockRestore();
    expect(ours).toEqual([]);
  });

  test('lets the process end by itself', () => {
    const { status, stderr, json } = runProgram(bundled('test/processes/webgpu.ts', 'webgpu-test'), root);
    if (status !== 0) throw new Error(`ends with ${status}: ${stderr}`);
    expect(json).toMatchObject({ adapter: { architecture: 'swiftshader' }, backend: 'webgpu', first: 36 });
  });

  describe('says what is wrong', () => {
    test('of a tensor that no buffer holds', async () => {
      const { maxBufferSize } = backend().device.limits;
      // A picture that is small, of which a convolution makes one that is not.
      const x = tf.zeros([1, 1024, 1024, 1]) as tf.Tensor4D;
      const channels = Math.ceil(maxBufferSize / 4 / 1024 ** 2) + 4;
      const filter = tf.zeros([1, 1, 1, channels]) as tf.Tensor4D;
      expect(() => conv2d(x, filter)).toThrow(/a tensor \[1,1024,1024,\d+\] takes \d+ bytes, this device's buffers \d+/);
      tf.dispose([x, filter]);
    });

    test('of a shader that does not compile: its op and geometry', async () => {
      // The last test here: of a device that failed nothing is believed any more.
      const { device } = backend();
      const compile = device.createShaderModule.bind(device);
      device.createShaderModule = (descriptor) => compile({ ...descriptor, code: `${descriptor.code}\nfn broken( {` });
      // Of a convolution that no test has run before.
      const wrong = () => conv2d(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 2]), { activation: 'relu6' });
      const y = wrong();
      await expect(y.data()).rejects.toThrow(/the shader of conv2d forward .*"inHeight":5.* does not compile here/);
      expect(wrong).toThrow(/conv2d forward/);
    });
  });
});
