import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import { accelerate } from '../src/index.js';
import { testIf } from './requires.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

const init = (seed: number) => tfl.initializers.glorotUniform({ seed });

/** A net of tfjs's own layers that uses what gets replaced: convolutions, pools, products. */
function net(): tfl.Sequential {
  const { layers } = tfl;
  return tfl.sequential({
    layers: [
      layers.conv2d({
        inputShape: [16, 16, 2],
        filters: 6,
        kernelSize: 5,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: init(1),
      }),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: init(2) }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', kernelInitializer: init(3) }),
      layers.flatten(),
      layers.dense({ units: 12, activation: 'tanh', kernelInitializer: init(4) }),
      layers.dense({ units: 3, kernelInitializer: init(5) }),
    ],
  });
}

async function losses(backend: string, steps = 4): Promise<number[]> {
  await tf.setBackend(backend);
  const model = net();
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.randomUniform([5, 16, 16, 2], -1, 1, 'float32', 5);
  const y = tf.randomUniform([5, 3], -1, 1, 'float32', 6);
  const found: number[] = [];
  for (let i = 0; i < steps; i++) found.push((await model.trainOnBatch(x, y)) as number);
  tf.dispose([x, y]);
  model.dispose();
  return found;
}

/** float32 sums of a few hundred terms, four steps: far below what a wrong gradient does to the loss. */
function expectSame(found: number[], expected: number[]): void {
  found.forEach((loss, i) => {
    expect(Math.abs(loss - expected[i]!)).toBeLessThan(2e-5 * Math.abs(expected[i]!));
  });
}

describe('a model of tfjs layers as it is', () => {
  let stock: number[];
  beforeAll(async () => {
    stock = await losses('cpu');
    expect(stock[3]).toBeLessThan(stock[0]!);
  });

  test('trains the same on accelerated cpu, and after the undo runs tfjs kernels again', async () => {
    const before = tf.getKernel('Conv2D', 'cpu');
    const undo = await accelerate('cpu');
    expect(tf.getKernel('Conv2D', 'cpu')).not.toBe(before);
    expect(await accelerate('cpu')).toBe(undo);
    expectSame(await losses('cpu'), stock);
    undo();
    undo();
    expect(tf.getKernel('Conv2D', 'cpu')).toBe(before);
  });

  test('trains the same on wasm-cnn', async () => {
    expectSame(await losses('wasm-cnn'), stock);
  });

  test('trains on wasm, which cannot without', async () => {
    await expect(losses('wasm')).rejects.toThrow();
    const undo = await accelerate('wasm');
    expectSame(await losses('wasm'), stock);
    undo();
    await expect(losses('wasm')).rejects.toThrow();
  });

  testIf('tfjs-node', 'trains the same on tensorflow, and after the undo runs tfjs kernels again', async () => {
    // Its Reshape makes new data, which test mode takes for a leak of the gradient of fused.matMul.
    tf.env().set('IS_TEST', false);
    await useTensorFlow();
    const before = tf.getKernel('Conv2DBackpropFilter', TENSORFLOW);
    const undo = await accelerate(TENSORFLOW);
    expect(tf.getKernel('Conv2DBackpropFilter', TENSORFLOW)).not.toBe(before);
    expectSame(await losses(TENSORFLOW), stock);
    undo();
    expect(tf.getKernel('Conv2DBackpropFilter', TENSORFLOW)).toBe(before);
    tf.env().set('IS_TEST', true);
  });
});

describe('what tfjs wasm does wrong is mended', () => {
  let undo: () => void;
  beforeAll(async () => {
    undo = await accelerate('wasm');
    await tf.setBackend('wasm');
  });
  afterAll(() => undo());

  test('the gradient of a max pool whose windows hold nothing positive', async () => {
    const x = tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]);
    const dx = tf.grad((v: tf.Tensor) => tf.maxPool(v as tf.Tensor4D, 2, 2, 'valid'))(x);
    expect([...(await dx.data())]).toEqual([0, 0, 0, 1]);
  });

  test('Identity shares the memory', () => {
    const backend = tf.backend() as unknown as { getMemoryOffset(id: object): number };
    const x = tf.zeros([100]);
    const y = tf.clone(x);
    expect(backend.getMemoryOffset(y.dataId)).toBe(backend.getMemoryOffset(x.dataId));
    x.dispose();
    expect([...y.dataSync()]).toEqual(new Array(100).fill(0));
    y.dispose();
  });

  test('a transposed fused product adds its bias once however long the inner dimension is', async () => {
    const a = tf.ones([600, 3]) as tf.Tensor2D;
    const b = tf.ones([600, 2]) as tf.Tensor2D;
    const y = tf.fused.matMul({ a, b, transposeA: true, bias: tf.tensor1d([1, 2]) });
    expect([...(await y.data())]).toEqual([601, 602, 601, 602, 601, 602]);
  });
});

test('another backend is refused by name', async () => {
  await expect(accelerate('webnn' as 'cpu')).rejects.toThrow(/accelerate: backend must be one of 'cpu', 'wasm', .*, got "webnn"/);
});
