/** Whole training steps on wasm-cnn: no leak, the same bits on one thread and on several, nothing computed in vain. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { conv2d, createOptimizer, customGradOf, dense, leNet5, maxPool, softmaxCrossEntropy } from '../src/index.js';
import { kernelName, ops } from '../src/op-kernels.js';

const backend = (): WasmCnnBackend => tf.backend() as WasmCnnBackend;

beforeAll(() => tf.setBackend('wasm-cnn'));

/** One step of LeNet-5 after another on one batch; gives the losses. */
function trainer(batch: number): { step(): number; dispose(): void; weights(): Float32Array[] } {
  const model = leNet5({ seed: 3 });
  const x = tf.randomUniform([batch, 28, 28, 1], 0, 1, 'float32', 5);
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % 10),
    'int32',
  );
  const optimizer = createOptimizer('sgd', { learningRate: 0.02, momentum: 0.9 });
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return {
    step() {
      const loss = optimizer.minimize(
        () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, labels) as tf.Scalar,
        true,
        variables,
      )!;
      const value = loss.dataSync()[0]!;
      loss.dispose();
      return value;
    },
    weights: () => variables.map((variable) => variable.dataSync() as Float32Array),
    dispose() {
      model.dispose();
      optimizer.dispose();
      tf.dispose([x, labels]);
    },
  };
}

test('the optimizer writes over what it updates, but not over what a clone shares', () => {
  const weights = tf.variable(tf.tensor1d([1, 2, 3, 4, 5]));
  const optimizer = createOptimizer('sgd', { learningRate: 0.5, momentum: 0.9 });
  const step = () => optimizer.minimize(() => tf.sum(weights) as tf.Scalar);
  step();
  const { dataId } = weights;
  step();
  expect(weights.dataId).toBe(dataId);
  // Velocities 1 and 1.9.
  const now = [1, 2, 3, 4, 5].map((value) => Math.fround(value - 0.5 * 2.9));
  expect([...weights.dataSync()]).toEqual(now.map((value) => expect.closeTo(value, 5)));
  const clone = weights.clone();
  step();
  expect([...clone.dataSync()]).toEqual(now.map((value) => expect.closeTo(value, 5)));
  expect(weights.dataSync()[0]).toBeLessThan(now[0]! - 1);
  optimizer.dispose();
  tf.dispose([weights, clone]);
});

test('tensors and heap are flat over 500 steps', () => {
  const { step, dispose } = trainer(8);
  for (let i = 0; i < 20; i++) step();
  const tensors = tf.memory().numTensors;
  const { heapBytes, heapReserved } = backend().memory();
  for (let i = 0; i < 500; i++) step();
  expect(tf.memory().numTensors).toBe(tensors);
  expect(backend().memory().heapBytes).toBe(heapBytes);
  expect(backend().memory().heapReserved).toBe(heapReserved);
  dispose();
}, 120_000);

test('one thread and all give the same bits', () => {
  const { runtime } = backend();
  const run = (singleThreaded: boolean) => {
    runtime.singleThreaded = singleThreaded;
    const { step, weights, dispose } = trainer(64);
    const losses = Array.from({ length: 12 }, step);
    const bits = weights();
    dispose();
    runtime.singleThreaded = false;
    return { losses, bits };
  };
  const one = run(true);
  const all = run(false);
  expect(one.losses[11]).toBeLessThan(one.losses[0]!);
  expect(all.losses).toEqual(one.losses);
  expect(all.bits).toEqual(one.bits);
});

describe('nothing is computed that nobody asks for', () => {
  const x = () => tf.randomUniform([2, 6, 6, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
  const filter = () => tf.randomUniform([3, 3, 3, 4], -1, 1, 'float32', 2) as tf.Tensor4D;

  /** Names of the kernels that run. */
  async function kernelsOf(f: () => unknown): Promise<string[]> {
    const { kernels } = await tf.profile(() => f() as tf.Tensor);
    return kernels.map(({ name }) => name);
  }

  test('a frozen filter', async () => {
    const fixed = filter();
    const names = await kernelsOf(() => tf.grad((v: tf.Tensor) => conv2d(v as tf.Tensor4D, fixed))(x()));
    expect(names).toContain('CnnConv2DDx');
    expect(names).not.toContain('CnnConv2DDfilter');
  });

  test("the first layer's input", async () => {
    const given = x();
    const names = await kernelsOf(() => tf.grad((v: tf.Tensor) => conv2d(given, v as tf.Tensor4D))(filter()));
    expect(names).toContain('CnnConv2DDfilter');
    expect(names).not.toContain('CnnConv2DDx');
  });

  test('a saliency map is the gradient by the picture, whatever is frozen', async () => {
    const model = leNet5({ seed: 1 });
    for (const layer of model.layers) layer.trainable = false;
    const picture = tf.randomUniform([1, 28, 28, 1], 0, 1, 'float32', 9);
    const score = (v: tf.Tensor) => tf.sum(tf.slice(model.apply(v) as tf.Tensor, [0, 4], [1, 1]));
    const map = tf.grad(score)(picture);
    expect(map.shape).toEqual(picture.shape);
    // A step along the map raises the score by its squared length, to first order.
    const [gained, expected] = tf.tidy(() => {
      const step = tf.mul(map, 1e-3);
      const gain = tf.sub(score(tf.add(picture, step)), score(picture));
      return [gain.dataSync()[0]!, 1e-3 * tf.sum(tf.square(map)).dataSync()[0]!];
    });
    expect(expected).toBeGreaterThan(0);
    expect(Math.abs(gained - expected)).toBeLessThan(0.1 * expected);
    model.dispose();
  });
});

test('double backward is refused by name, not wrong', () => {
  const x = tf.randomUniform([1, 4, 4, 1], -1, 1) as tf.Tensor4D;
  const filter = tf.randomUniform([3, 3, 1, 2], -1, 1) as tf.Tensor4D;
  const slope = (v: tf.Tensor) => tf.sum(tf.square(tf.grad((u: tf.Tensor) => tf.square(conv2d(u as tf.Tensor4D, filter)))(v)));
  expect(() => tf.grad(slope)(x)).toThrow(/CnnConv2D: second derivatives are not implemented/);
});

test('customGradOf gives the same values and gradients as the op', () => {
  const x = tf.randomUniform([2, 6, 6, 3], -1, 1) as tf.Tensor4D;
  const filter = tf.randomUniform([3, 3, 3, 4], -1, 1) as tf.Tensor4D;
  const weights = tf.randomUniform([16, 5], -1, 1) as tf.Tensor2D;
  const chain = (convolve: typeof conv2d, pool: typeof maxPool, multiply: typeof dense) => (v: tf.Tensor, w: tf.Tensor) =>
    multiply(
      tf.reshape(pool(convolve(v as tf.Tensor4D, w as tf.Tensor4D, { activation: 'relu' }), { size: 2 }), [2, 16]),
      weights,
    );
  const own = tf.grads(chain(conv2d, maxPool, dense))([x, filter]);
  const eager = tf.grads(
    chain(customGradOf(conv2d) as typeof conv2d, customGradOf(maxPool) as typeof maxPool, customGradOf(dense) as typeof dense),
  )([x, filter]);
  own.forEach((gradient, i) => expect(eager[i]!.dataSync()).toEqual(gradient.dataSync()));
});

test('every part of every op has a kernel on cpu and wasm-cnn from the start', () => {
  for (const op of ops.values()) {
    for (const part of Object.keys(op.parts)) {
      for (const name of ['cpu', 'wasm-cnn']) expect(tf.getKernel(kernelName(op.name, part), name)).toBeDefined();
    }
  }
});
