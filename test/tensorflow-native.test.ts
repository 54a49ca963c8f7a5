/** Native ops of the tensorflow backend against the float64 references, called wrongly, and called often. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { nativeAddon } from '../src/backends/tensorflow/native.js';
import { tensorflowNotes, tensorflowReport } from '../src/backends/tensorflow/report-node.js';
import { addRelu, batchNormTraining, maxPool, softmaxCrossEntropy } from '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { poolGeometry } from '../src/ops/pool/geometry.js';
import { softmaxCrossEntropyOp } from '../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { onReference, ROUNDING } from './kernel-sides.js';
import { execute, expectNear, expectPart, filled, type Inputs, type Shapes } from './native-calls.js';
import { expectToTrain } from './nets.js';
import { describeIf } from './requires.js';
import { smallNets } from './small-nets.js';
import { onAcceleratedTensorFlow, opsOf } from './tensorflow.js';

describeIf('tfjs-node', 'native ops', () => {
  onAcceleratedTensorFlow();

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

  const concerned = opCases.filter(({ name }) =>
    /^(activation|relu|batchNorm|addRelu|conv2d|dense|maxPool|softmaxCrossEntropy)/.test(name),
  );
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
