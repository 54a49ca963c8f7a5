/** Native ops of the tensorflow backend against the float64 references, called wrongly, and called often. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { nativeAddon } from '../src/backends/tensorflow/native.js';
import { tensorflowNotes, tensorflowReport } from '../src/backends/tensorflow/report-node.js';
import { runJoined } from '../src/define-op.js';
import {
  Adam,
  AdamW,
  addRelu,
  batchNormTraining,
  type CnnOptimizer,
  Lamb,
  Lars,
  maxPool,
  Sgd,
  softmaxCrossEntropy,
} from '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { batchNormGeometry } from '../src/ops/batch-norm/geometry.js';
import { poolGeometry } from '../src/ops/pool/geometry.js';
import { softmaxCrossEntropyOp } from '../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { adamStep, amsGradStep } from '../src/train/optimizers/adam-step/adam-step.js';
import { momentumStep, sgdStep } from '../src/train/optimizers/sgd-step/sgd-step.js';
import { onReference, ROUNDING } from './kernel-sides.js';
import { execute, expectNear, expectPart, filled, type Inputs, type Shapes, tensors } from './native-calls.js';
import { expectToTrain } from './nets.js';
import { describeIf } from './requires.js';
import { smallNets } from './small-nets.js';
import { opsOf, TENSORFLOW, useAcceleratedTensorFlow } from './tensorflow.js';

describeIf('tfjs-node', 'native ops', () => {
  let undo: () => void;
  beforeAll(async () => {
    tf.env().set('IS_TEST', false);
    undo = await useAcceleratedTensorFlow();
  });
  afterAll(() => undo());

  test('the addon tells what it is, and can be left out', () => {
    const addon = nativeAddon()!;
    expect(addon.tensorflow).toMatch(/^\d+\.\d+\.\d+/);
    expect([...addon.ops].sort()).toEqual([
      'TfjsCnnAdamStep',
      'TfjsCnnAddRelu',
      'TfjsCnnAddReluGrad',
      'TfjsCnnBatchNorm',
      'TfjsCnnBatchNormGrad',
      'TfjsCnnBiasGrad',
      'TfjsCnnConv2D',
      'TfjsCnnConv2DGradFilter',
      'TfjsCnnConv2DGradInput',
      'TfjsCnnMaxPool',
      'TfjsCnnMaxPoolGrad',
      'TfjsCnnSgdStep',
      'TfjsCnnSoftmaxCrossEntropy',
      'TfjsCnnSoftmaxCrossEntropyGrad',
    ]);
    expect(addon.devices()).toContainEqual(expect.stringMatching(/device:CPU:0$/));
    process.env['TFJS_CNN_NATIVE'] = '0';
    expect(nativeAddon()).toBeUndefined();
    delete process.env['TFJS_CNN_NATIVE'];
    expect(nativeAddon()).toBe(addon);
  });

  test('doctor tells of TensorFlow, its devices, CUDA and native ops', () => {
    const report = tensorflowReport(tf.backend());
    const { version, devices, native, folder } = report;
    expect(version).toBe(nativeAddon()!.tensorflow);
    expect(devices).toContain('CPU:0');
    expect(existsSync(join(folder!, 'libtensorflow_framework.so.2'))).toBe(true);
    expect(native?.ops).toHaveLength(14);
    expect(tensorflowNotes(report).slice(0, 2)).toEqual([
      `TensorFlow ${version} in ${folder}`,
      `computes on ${devices.join(', ')}`,
    ]);
    const idle = { ...report, gpus: ['NVIDIA H200, 580.65, 143771 MiB'], devices: ['CPU:0'], cuda: null, native: null };
    expect(tensorflowNotes(idle).slice(2)).toEqual([
      'GPUs: NVIDIA H200, 580.65, 143771 MiB; to compute on them: npx tfjs-cnn tensorflow install --gpu',
      'no native ops, compositions run in their place; npx tfjs-cnn tensorflow install builds them',
    ]);
    const [cuda, ops] = [{ runtime: '12.5.82', cudnn: '9.3.0.75' }, native!.ops];
    const onGpu = { ...idle, devices: ['CPU:0', 'GPU:0'], cuda, native: { ops, cuda: '13.0', gpu: true } };
    expect(tensorflowNotes(onGpu).slice(2)).toEqual([
      'CUDA 12.5.82, cuDNN 9.3.0.75',
      'GPUs: NVIDIA H200, 580.65, 143771 MiB',
      '14 native ops, for CPUs and GPUs (CUDA 13.0)',
    ]);
    expect(tensorflowNotes({ ...onGpu, native: { ops, cuda: '13.0', gpu: false } }).at(-1)).toMatch(
      /CUDA 13\.0, which no driver here runs/,
    );
  });

  test('are what runs', () => {
    const x = tf.randomUniform([4, 5, 5, 3]);
    const gradient = tf.grad((v: tf.Tensor) => batchNormTraining(v, { gamma: tf.ones([3]), activation: 'relu' }).y);
    const used = ['TfjsCnnBatchNorm', 'TfjsCnnBatchNormGrad'];
    expect(opsOf(() => gradient(x, tf.ones(x.shape))).filter((op) => op !== 'Identity')).toEqual(used);
    expect(opsOf(() => addRelu(x, x))).toEqual(['TfjsCnnAddRelu']);
    const sum = tf.grads((a: tf.Tensor, b: tf.Tensor) => addRelu(a, b));
    expect(opsOf(() => sum([x, x], x)).filter((op) => op === 'TfjsCnnAddReluGrad')).toHaveLength(1);
    const loss = tf.grad((z: tf.Tensor) => softmaxCrossEntropy(z as tf.Tensor2D, tf.tensor1d([0, 1])));
    const ops = opsOf(() =>
      loss(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      ),
    );
    expect(ops).toEqual(expect.arrayContaining(['TfjsCnnSoftmaxCrossEntropy', 'TfjsCnnSoftmaxCrossEntropyGrad']));
  });

  const concerned = opCases.filter(({ name }) => /^(activation|relu|batchNorm|addRelu|maxPool|softmaxCrossEntropy)/.test(name));
  test.each(concerned.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    const [row] = await checkOps([opCase]);
    if (!row!.report.passed) throw new Error(`${row!.name} on native ops\n${row!.report}`);
  });

  const nets = ['leNet5', 'googLeNet', 'resNet18', 'resNet50V2', 'mobileNetV2', 'cifarResNet20', 'cifarDenseNet'] as const;
  test.each(nets.map((name) => [name, smallNets[name]!] as const))('%s trains and leaves nothing behind', (_name, build) => {
    tf.env().set('IS_TEST', true);
    const before = tf.memory().numTensors;
    const model = build();
    expectToTrain(model);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.env().set('IS_TEST', false);
  });

  // One row, one channel; less than a line of 64 numbers, with a line that is not full; several blocks, several pieces; more than a line.
  const matrices = [
    [1, 1],
    [1, 7],
    [9, 1],
    [33, 5],
    [700, 3],
    [5000, 16],
    [6, 64],
    [1100, 65],
    [19, 2048],
  ] as const;

  // Channels are taken 16, 4, 2 and 1 at a time.
  test.each([1, 2, 6, 16, 23, 39])('TfjsCnnMaxPool and its gradient of %d channels', (channels) => {
    const [shape, out] = [
      [2, 7, 8, channels],
      [2, 4, 4, channels],
    ] as const;
    const x = filled('x', 2 * 7 * 8 * channels);
    for (const [i, value] of [NaN, -Infinity, Infinity].entries()) x.fill(value, 40 * i * channels, (40 * i + 12) * channels);
    const dy = filled('dy', 2 * 4 * 4 * channels);
    const g = poolGeometry('maxPool', shape, { size: 3, strides: 2, pads: 1 });
    const { definition } = maxPool;
    expectPart(definition, 'forward', { x }, { x: [...shape] }, g, { y: 0 });
    const y = Float32Array.from(onReference(definition, 'forward', { x }, g)['y']!);
    // A pixel is seen by four windows at most.
    expectPart(definition, 'dx', { dy, x, y }, { dy: [...out], x: [...shape], y: [...out] }, g, { dx: 4 * 4 * ROUNDING });
  });

  describe('TfjsCnnBatchNorm', () => {
    const { definition } = batchNormTraining;
    const given = ['gamma', 'beta', 'runningMean', 'runningVariance'];

    // Numbers around 0, and such as are far from it for their spread.
    test.each(matrices.flatMap(([rows, channels]) => [[rows, channels, 1, 0] as const, [rows, channels, 0.05, 20] as const]))(
      'of [%d, %d], numbers within %d of %d',
      (rows, channels, scale, offset) => {
        for (const [i, vectors] of [given, given.slice(0, 2), given.slice(1, 3), ['runningVariance'], []].entries()) {
          const inputs: Inputs = { x: filled('x', rows * channels, scale, offset) };
          for (const name of vectors) inputs[name] = filled(name, channels);
          const shapes: Shapes = Object.fromEntries(vectors.map((name) => [name, [channels]]));
          shapes['x'] = [rows, channels];
          const options = { epsilon: 1e-3, momentum: 0.1, activation: i % 2 ? 'linear' : 'relu', unbiased: i < 3 } as const;
          const g = tf.tidy(() => batchNormGeometry(tf.zeros([rows, channels]), {}, options));
          const { variance } = onReference(definition, 'forward', inputs, g);
          // Up to 32 numbers are added in float32, around a pivot that is next to the mean; a mean is rounded when it is written.
          const apart = 2 * scale;
          const mean = ROUNDING * (offset + scale) + 40 * ROUNDING * apart;
          const squares = 45 * ROUNDING * apart ** 2;
          const least = Math.min(...variance!) + g.epsilon;
          const y = (2 * mean + 12 * ROUNDING * apart + (apart * squares) / (2 * least)) / Math.sqrt(least) + 2 * ROUNDING;
          const newMean = mean + 4 * ROUNDING * (offset + scale + 1);
          const newVariance = 2 * squares + 4 * ROUNDING * (2 * apart ** 2 + 1);
          const bounds = { y, mean, variance: squares + ROUNDING * apart ** 2, newMean, newVariance };
          expectPart(definition, 'forward', inputs, shapes, g, bounds);
        }
      },
    );

    const right = { epsilon: 1e-3, momentum: 0.1, unbiased: true, relu: true, scaled: true, shifted: true, mean_runs: true };
    test.each([
      [
        'a short beta',
        { ...right, variance_runs: false, N: 3 },
        [[2, 3], [3], [2], [3]],
        /beta must have shape \[3\], got \[2\]/,
      ],
      ['too few vectors', { ...right, variance_runs: true, N: 3 }, [[2, 3], [3], [3], [3]], /running variance must be given/],
      ['too many', { ...right, variance_runs: false, N: 4 }, [[2, 3], [3], [3], [3], [3]], /vectors must be 3, got 4/],
      ['nothing', { ...right, variance_runs: false, N: 3 }, [[0, 3], [3], [3], [3]], /not be empty, got \[0,3\]/],
    ])('refuses %s', (_name, attributes, shapes, message) => {
      const inputs = shapes.map((shape) => tf.ones(shape));
      expect(() => execute('TfjsCnnBatchNorm', attributes, inputs, 5)).toThrow(message);
      tf.dispose(inputs);
    });
  });

  describe('TfjsCnnBatchNormGrad', () => {
    test.each(matrices)('of [%d, %d]', (rows, channels) => {
      const size = rows * channels;
      for (const activation of ['linear', 'relu'] as const) {
        for (const vectors of [['gamma', 'beta'], ['gamma'], ['beta'], []]) {
          const inputs: Inputs = { dy: filled('dy', size), x: filled('x', size) };
          for (const name of vectors) inputs[name] = filled(name, channels);
          inputs['mean'] = filled('mean', channels, 0.3);
          inputs['variance'] = filled('variance', channels, 0.25, 0.75);
          const shapes: Shapes = Object.fromEntries(Object.keys(inputs).map((name) => [name, [channels]]));
          shapes['dy'] = [rows, channels];
          shapes['x'] = [rows, channels];
          const x = tf.tensor2d(inputs['x']!, [rows, channels]);
          const g = batchNormGeometry(x, {}, { epsilon: 1e-3, momentum: 0.1, activation });
          x.dispose();
          offTheKink(inputs, g);
          // Of magnitudes: dy 1, x - mean 1.3, 1 / deviation 1.5, 1 / variance 2. Up to 32 numbers are added in float32.
          const sums = 40 * ROUNDING * rows;
          const dx = 1.5 * (50 * ROUNDING + (sums / rows) * (1 + 1.3 * 2 * 1.3));
          const bounds = { dx, dgamma: sums * 1.3 * 1.5, dbeta: sums };
          expectPart(batchNormTraining.definition, 'dx', inputs, shapes, g, bounds);
        }
      }
    });

    /** A value before relu that may fall to either side of 0 gets no gradient from above. */
    function offTheKink({ dy, x, gamma, beta, mean, variance }: Inputs, g: ReturnType<typeof batchNormGeometry>): void {
      for (let i = 0; i < dy!.length; i++) {
        const c = i % g.channels;
        const scale = (gamma?.[c] ?? 1) / Math.sqrt(variance![c]! + g.epsilon);
        if (Math.abs(scale * (x![i]! - mean![c]!) + (beta?.[c] ?? 0)) < 1e-5) dy![i] = 0;
      }
    }

    const right = { epsilon: 1e-3, relu: true, scaled: true, shifted: true, N: 4 };
    const vector = () => tf.ones([3]);
    test.each([
      [
        'another dy',
        right,
        () => [tf.ones([2, 4]), tf.ones([2, 3]), vector(), vector(), vector(), vector()],
        /dy must have shape \[2,3\], got \[2,4\]/,
      ],
      [
        'a short beta',
        right,
        () => [tf.ones([2, 3]), tf.ones([2, 3]), vector(), vector(), vector(), tf.ones([2])],
        /beta must have shape \[3\], got \[2\]/,
      ],
      [
        'too few vectors',
        { ...right, N: 3 },
        () => [tf.ones([2, 3]), tf.ones([2, 3]), vector(), vector(), vector()],
        /vectors must be mean, variance, gamma, beta, got 3/,
      ],
      [
        'nothing',
        right,
        () => [tf.ones([0, 3]), tf.ones([0, 3]), vector(), vector(), vector(), vector()],
        /not be empty, got \[0,3\]/,
      ],
      [
        'int32',
        right,
        () => [tf.ones([2, 3], 'int32'), tf.ones([2, 3]), vector(), vector(), vector(), vector()],
        /expected to be a float tensor/,
      ],
    ])('refuses %s', (_name, attributes, inputs, message) => {
      expect(() => execute('TfjsCnnBatchNormGrad', attributes, inputs(), 3)).toThrow(message);
      // And goes on.
      const vectors = [vector(), vector(), vector(), vector()];
      expect(execute('TfjsCnnBatchNormGrad', right, [tf.ones([2, 3]), tf.ones([2, 3]), ...vectors], 3)[1]!.shape).toEqual([3]);
    });
  });

  describe('TfjsCnnAddRelu', () => {
    test.each([1, 3, 40, 65_536, 200_001])('of %d, to the bit', (size) => {
      const [a, b, dy] = [filled('a', size), filled('b', size), filled('dy', size)];
      b[0] = size > 1 ? NaN : b[0]!;
      const y = a.map((value, i) => (value + b[i]! < 0 ? 0 : value + b[i]!));
      const [found] = execute('TfjsCnnAddRelu', {}, [tf.tensor1d(a), tf.tensor1d(b)], 1);
      expectNear('y', found!.dataSync(), y, 0);
      const [dz] = execute('TfjsCnnAddReluGrad', {}, [tf.tensor1d(dy), tf.tensor1d(y)], 1);
      expectNear(
        'dz',
        dz!.dataSync(),
        dy.map((value, i) => (y[i]! > 0 ? value : 0)),
        0,
      );
    });

    test('of nothing, and of tensors that do not fit', () => {
      expect(execute('TfjsCnnAddRelu', {}, [tf.ones([0, 2]), tf.ones([0, 2])], 1)[0]!.shape).toEqual([0, 2]);
      expect(() => execute('TfjsCnnAddRelu', {}, [tf.ones([3]), tf.ones([1, 3])], 1)).toThrow(
        /b must have shape \[3\], got \[1,3\]/,
      );
      expect(() => execute('TfjsCnnAddReluGrad', {}, [tf.ones([3]), tf.ones([4])], 1)).toThrow(
        /y must have shape \[3\], got \[4\]/,
      );
    });
  });

  describe('TfjsCnnSoftmaxCrossEntropy', () => {
    test.each([
      [1, 1],
      [1, 10],
      [7, 3],
      [70, 10],
      [33, 1000],
      [5, 9001],
    ])('of [%d, %d]', (batch, classes) => {
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        for (const [indexed, labelSmoothing, weighed] of [
          [true, 0, false],
          [true, 0.1, true],
          [false, 0, true],
          [false, 0.2, false],
        ] as const) {
          const g = { batch, classes, indexed, reduction, labelSmoothing };
          const labels = indexed ? indices(batch, classes) : shares(batch, classes);
          const shared: Inputs = { labels, ...(weighed && { weights: filled('weights', batch, 0.5, 1) }) };
          const shapes: Shapes = { logits: [batch, classes], labels: indexed ? [batch] : [batch, classes], weights: [batch] };
          const logits = filled('logits', batch * classes, 4);
          // A row's loss is a sum of terms of at most log(classes) + 8, weighed by labels that sum to 1 and by at most 1.5; a logarithm,
          // a difference and products, each rounded.
          const row = 1.5 * 10 * ROUNDING * (Math.log(classes) + 8);
          const bounds = { loss: reduction === 'sum' ? batch * row : row, probabilities: 20 * ROUNDING };
          expectPart(softmaxCrossEntropyOp.definition, 'forward', { logits, ...shared }, shapes, g, bounds);
          const dy = filled('dy', reduction === 'none' ? batch : 1);
          const backward = { dy, ...shared, probabilities: shares(batch, classes) };
          const backwardShapes = { ...shapes, dy: reduction === 'none' ? [batch] : [], probabilities: [batch, classes] };
          expectPart(softmaxCrossEntropyOp.definition, 'dlogits', backward, backwardShapes, g, { dlogits: 1.5 * 20 * ROUNDING });
        }
      }
    });

    const indices = (batch: number, classes: number) => Float32Array.from({ length: batch }, (_, row) => (row * 7) % classes);
    /** Rows that sum to 1. */
    function shares(batch: number, classes: number): Float32Array {
      const all = filled('shares', batch * classes, 0.5, 0.6);
      for (let row = 0; row < batch; row++) {
        const of = all.subarray(row * classes, (row + 1) * classes);
        const sum = of.reduce((a, b) => a + b, 0);
        of.forEach((value, c) => {
          of[c] = value / sum;
        });
      }
      return all;
    }

    test('a class index that does not exist makes a row NaN; infinite logits are as everywhere', () => {
      const g = { batch: 4, classes: 2, indexed: true, reduction: 'none', labelSmoothing: 0 } as const;
      const inputs = {
        logits: Float32Array.from([1, 2, 3, 4, -Infinity, 0, Infinity, 0]),
        labels: Float32Array.from([2, 1, 1, 0]),
      };
      const bounds = { loss: 20 * ROUNDING, probabilities: 20 * ROUNDING };
      expectPart(softmaxCrossEntropyOp.definition, 'forward', inputs, { logits: [4, 2], labels: [4] }, g, bounds);
    });

    test('refuses what does not fit', () => {
      const attributes = { label_smoothing: 0, reduction: 2, N: 0 };
      const run = (inputs: tf.Tensor[], more = {}) =>
        execute('TfjsCnnSoftmaxCrossEntropy', { ...attributes, ...more }, inputs, 2);
      expect(() => run([tf.ones([2, 3]), tf.ones([4])])).toThrow(/labels must have shape \[2\] or \[2,3\], got \[4\]/);
      expect(() => run([tf.ones([6]), tf.ones([6])])).toThrow(/logits must have shape \[batch, classes\], neither 0, got \[6\]/);
      expect(() => run([tf.ones([2, 0]), tf.ones([2])])).toThrow(/neither 0, got \[2,0\]/);
      expect(() => run([tf.ones([2, 3]), tf.ones([2]), tf.ones([3])], { N: 1 })).toThrow(
        /weights must have shape \[2\], got \[3\]/,
      );
      expect(() => run([tf.ones([2, 3]), tf.ones([2])], { reduction: 3 })).toThrow(
        /reduction must be 0 \(none\), 1 \(sum\) or 2 \(mean\), got 3/,
      );
      const dy = tf.ones([3]);
      const backward = () => execute('TfjsCnnSoftmaxCrossEntropyGrad', attributes, [dy, tf.ones([2]), tf.ones([2, 3])], 1);
      expect(backward).toThrow(/dy must have shape \[\], got \[3\]/);
    });
  });

  describe('updates of all weights in one call', () => {
    const steps = [sgdStep, momentumStep, adamStep, amsGradStep] as ReadyOp<never>[];
    // Less than a vector, a tail, more than one piece; several small weights in one piece.
    const sizes = [1, 3, 18, 40_001, 1, 100, 70_000];
    const numbers = {
      ...{ clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3, momentum: 0.9, share: 0.1, nesterov: true },
      ...{ squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2, epsilon: 0.01 },
    };

    test.each(steps.map((op) => [op.name, op] as const))('%s', (_name, op) => {
      const names = op.parts['forward']!.inputs;
      for (const scalars of [[], ['scale'], ['trust'], ['scale', 'trust']]) {
        if (scalars.includes('trust') && !names.includes('trust')) continue;
        const calls = sizes.map((size, i) => {
          const inputs: Inputs = {};
          for (const name of names) {
            // Not every weight has a ratio.
            if (name === 'trust' && i % 2 === 1) continue;
            if (name === 'scale' || name === 'trust') {
              if (scalars.includes(name)) inputs[name] = filled(`${name}${i}`, 1, 0.4, 0.6);
            } else
              inputs[name] = filled(`${name}${i}`, size, name === 'mean' ? 0.3 : 1, 0).map(
                name === 'square' || name === 'largest' ? (v) => 0.6 + 0.4 * v : (v) => v,
              );
          }
          return { inputs, geometry: { shape: [size], size, ...numbers, nesterov: i % 3 === 0, rate: 0.1 * (i + 1) } };
        });
        const given = calls.map(({ inputs, geometry }) => {
          const shapes = Object.fromEntries(
            Object.keys(inputs).map((name) => [name, ['scale', 'trust'].includes(name) ? [] : geometry.shape]),
          );
          return { inputs: tensors(inputs, shapes), geometry };
        });
        const outputs = runJoined(op as unknown as ReadyOp<object>, given);
        calls.forEach(({ inputs, geometry }, i) => {
          const expected = onReference(op, 'forward', inputs, geometry as never);
          // Numbers below 5 come of some thirty roundings.
          Object.keys(expected).forEach((name, k) =>
            expectNear(`${name} of ${i}`, outputs[i]![k]!.dataSync(), expected[name]!, 150 * ROUNDING),
          );
        });
        tf.dispose([given.map(({ inputs }) => inputs), outputs]);
      }
    });

    const optimizers: [string, () => CnnOptimizer][] = [
      ['Sgd', () => new Sgd({ learningRate: 0.1, weightDecay: 0.01 })],
      [
        'Sgd with all there is',
        () => new Sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 1, clipValue: 0.1, l1: 0.01 }),
      ],
      ['Adam', () => new Adam({ learningRate: 0.1 })],
      ['AdamW, amsgrad', () => new AdamW({ learningRate: 0.1, amsgrad: true })],
      ['Lars', () => new Lars({ learningRate: 0.5 })],
      ['Lamb', () => new Lamb({ learningRate: 0.1 })],
    ];
    const shapes = [[3, 3, 2, 5], [5], [1], [7, 11]];

    /** Values of all weights after three steps. */
    async function trained(make: () => CnnOptimizer): Promise<number[][]> {
      const weights = shapes.map((shape, i) => tf.variable(tf.tensor(filled(`w${i}`, tf.util.sizeFromShape(shape)), shape)));
      const optimizer = make();
      for (let step = 0; step < 3; step++) {
        const gradients = Object.fromEntries(
          weights.map(({ name, size, shape }, i) => [name, tf.tensor(filled(`g${i}${step}`, size), shape)]),
        );
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      const values = weights.map((weight) => Array.from(weight.dataSync()));
      tf.dispose(weights);
      optimizer.dispose();
      return values;
    }

    test.each(optimizers)('%s goes the way it goes on cpu, in one op a step', async (_name, make) => {
      await tf.setBackend('cpu');
      const expected = await trained(make);
      await tf.setBackend(TENSORFLOW);
      const found = await trained(make);
      // Three steps as above; Adam's direction divides by what may be a tenth of the gradients.
      found.forEach((values, i) => expectNear(`weight ${i}`, values, expected[i]!, 3 * 10 * 150 * ROUNDING));
      const weights = shapes.map((shape) => tf.variable(tf.ones(shape)));
      const optimizer = make();
      const ops = opsOf(() => {
        const gradients = Object.fromEntries(weights.map(({ name, shape }) => [name, tf.ones(shape)]));
        optimizer.applyGradients(gradients);
        return gradients;
      });
      expect(ops.filter((op) => op.startsWith('TfjsCnn'))).toHaveLength(1);
      tf.dispose(weights);
      optimizer.dispose();
    });

    test("leaves what shares a weight's memory as it is", () => {
      const weight = tf.variable(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      );
      const [copy, flat] = [tf.clone(weight), tf.reshape(weight, [4])];
      const optimizer = new Sgd({ learningRate: 1, momentum: 0.9 });
      for (let step = 0; step < 2; step++) optimizer.applyGradients({ [weight.name]: tf.ones([2, 2]) });
      expect(Array.from(copy.dataSync())).toEqual([1, 2, 3, 4]);
      expect(Array.from(flat.dataSync())).toEqual([1, 2, 3, 4]);
      expect(weight.dataSync()[0]).toBeCloseTo(1 - 1 - 1.9, 5);
      tf.dispose([weight, copy, flat]);
      optimizer.dispose();
    });

    test('refuses what does not fit', () => {
      const run = (attributes: object, inputs: tf.Tensor[], outputs = 1) =>
        execute('TfjsCnnSgdStep', { N: 1, M: 0, S: 0, T: 0, ...attributes }, inputs, outputs);
      const [value, gradient, row] = [tf.ones([2]), tf.ones([2]), tf.ones([1, 8])];
      expect(() => run({}, [value, tf.ones([3]), row])).toThrow(/gradients\[0\] must have shape \[2\], got \[3\]/);
      expect(() => run({}, [value, gradient, tf.ones([1, 7])])).toThrow(/numbers must have shape \[1,8\], got \[1,7\]/);
      expect(() => run({ M: 1 }, [value, gradient, tf.ones([1]), row], 2)).toThrow(/slots\[0\] must have shape \[2\], got \[1\]/);
      expect(() => run({ M: 2 }, [value, gradient, value, value, row], 3)).toThrow(
        /there must be no slot or the velocity for each of the 1 values, got 2/,
      );
      expect(() => run({ S: 2 }, [value, gradient, row, tf.scalar(1), tf.scalar(1)])).toThrow(/S must be 0 or N = 1, got 2/);
      expect(() => run({ S: 1 }, [value, gradient, row, tf.ones([2])])).toThrow(/scales must have shape \[\], got \[2\]/);
    });
  });

  test('two thousand calls leave no tensor and no memory behind', () => {
    const x = tf.randomUniform([64, 1024]) as tf.Tensor2D;
    const vector = tf.ones([1024]);
    const labels = tf.zeros([64]);
    const attributes = { epsilon: 1e-3, relu: true, scaled: true, shifted: true, N: 4 };
    const round = () => {
      tf.dispose(execute('TfjsCnnAddRelu', {}, [x, x], 1));
      tf.dispose(execute('TfjsCnnBatchNormGrad', attributes, [x, x, vector, vector, vector, vector], 3));
      tf.dispose(execute('TfjsCnnSoftmaxCrossEntropy', { label_smoothing: 0, reduction: 2, N: 0 }, [x, labels], 2));
      expect(() => execute('TfjsCnnAddRelu', {}, [x, vector], 1)).toThrow();
    };
    for (let i = 0; i < 20; i++) round();
    const before = { tensors: tf.memory().numTensors, bytes: process.memoryUsage().rss };
    for (let i = 0; i < 500; i++) round();
    expect(tf.memory().numTensors).toBe(before.tensors);
    // Each round makes 750 KB.
    expect(process.memoryUsage().rss - before.bytes).toBeLessThan(150e6);
  });
});
