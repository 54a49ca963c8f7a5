import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../src/geometry.js';
import { softmaxCrossEntropy } from '../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { digitCodes } from '../src/zoo/digit-codes.js';
import { leNet5 } from '../src/zoo/le-net.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

function parameters(net: Sequential): Record<string, number> {
  return Object.fromEntries(
    net.layers.filter((layer) => layer.weights.length > 0).map((layer) => [layer.name, layer.countParams()]),
  );
}

test('the modern one has 61,706 parameters', () => {
  const net = leNet5();
  expect(parameters(net)).toEqual({ conv1: 156, conv2: 2416, fc1: 48_120, fc2: 10_164, fc3: 850 });
  expect(net.countParams()).toBe(61_706);
  expect(net.outputs[0]!.shape).toEqual([null, 10]);
  expect(leNet5({ inputShape: [32, 32, 1] }).countParams()).toBe(61_706);
  expect(leNet5({ inputShape: [32, 32, 3], classes: 100 }).outputs[0]!.shape).toEqual([null, 100]);
});

test.each([[[28, 28, 1]], [[32, 32, 1]]] as [[28, 28, 1] | [32, 32, 1]][])(
  'the published one has 60,000 parameters, for %j',
  (inputShape) => {
    const net = leNet5({ variant: '1998', inputShape });
    expect(parameters(net)).toEqual({ c1: 156, s2: 12, c3: 1516, s4: 32, c5: 48_120, f6: 10_164 });
    expect(net.countParams()).toBe(60_000);
    expect(net.layers.map((layer) => layer.outputShape)).toEqual([
      [null, 28, 28, 6],
      [null, 14, 14, 6],
      [null, 10, 10, 16],
      [null, 5, 5, 16],
      [null, 1, 1, 120],
      [null, 120],
      [null, 84],
      [null, 10],
    ]);
  },
);

test('the codes are ten different pictures of +1 and -1', () => {
  expect(digitCodes.map((code) => code.length)).toEqual(Array(10).fill(84));
  expect(new Set(digitCodes.flat())).toEqual(new Set([-1, 1]));
  for (let a = 0; a < 10; a++) {
    for (let b = 0; b < a; b++) expect(digitCodes[a]!.filter((v, i) => v !== digitCodes[b]![i]).length).toBeGreaterThan(4);
  }
});

test('the output is minus the squared distance to the codes', () => {
  const net = leNet5({ variant: '1998', seed: 1 });
  const output = net.layers[7]!;
  const x = tf.tensor2d(digitCodes);
  const y = (output.apply(x) as tf.Tensor2D).arraySync();
  for (const [i, a] of digitCodes.entries()) {
    for (const [j, b] of digitCodes.entries()) {
      expect(y[i]![j]).toBeCloseTo(-a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0), 3);
    }
  }
});

test.each(['modern', '1998'] as const)('%s: a seed tells all weights', (variant) => {
  const weights = (seed?: number) =>
    leNet5({ variant, seed })
      .getWeights()
      .map((w) => [...w.dataSync()]);
  expect(weights(3)).toEqual(weights(3));
  expect(weights(3)).not.toEqual(weights(4));
  expect(weights()).not.toEqual(weights());
});

test('the published one starts within 2.4 / fan-in', () => {
  const c3 = leNet5({ variant: '1998', seed: 9 }).getLayer('c3').getWeights()[0]!;
  const largest = tf.max(tf.abs(c3), [0, 1]).dataSync();
  const fanIns = [...Array(18).fill(75), ...Array(36).fill(100), ...Array(6).fill(150)] as number[];
  largest.forEach((value, i) => {
    expect(value).toBeLessThanOrEqual(2.4 / fanIns[i]!);
    expect(value).toBeGreaterThan(1.2 / fanIns[i]!);
  });
});

test.each(['modern', '1998'] as const)('%s: learns ten pictures by heart', async (variant) => {
  const net = leNet5({ variant, seed: 1 });
  const loss = (y: tf.Tensor, logits: tf.Tensor) => softmaxCrossEntropy(logits as tf.Tensor2D, y);
  net.compile({ optimizer: tf.train.adam(2e-3), loss, metrics: ['accuracy'] });
  const x = tf.randomUniform([10, 28, 28, 1], -0.1, 1.175, 'float32', 4);
  const y = tf.oneHot(tf.range(0, 10, 1, 'int32'), 10, 1, 0, 'float32');
  let accuracy = 0;
  for (let i = 0; i < 40 && accuracy < 1; i++) [, accuracy] = (await net.trainOnBatch(x, y)) as [number, number];
  expect(accuracy).toBe(1);
});

test('sizes and variants that do not exist are named', () => {
  expect(() => leNet5({ variant: '1999' as never })).toThrow(
    new ArgumentError(`leNet5: variant must be 'modern' or '1998', got "1999"`),
  );
  expect(() => leNet5({ variant: '1998', inputShape: [28, 28, 3] as never })).toThrow(
    new ArgumentError("leNet5: inputShape of variant '1998' must be [28, 28, 1] or [32, 32, 1], got [28,28,3]"),
  );
  expect(() => leNet5({ inputShape: [8, 8, 1] })).toThrow("CnnConv2D 'conv2': no output is left");
});
