/** Weights of 'wasm-cnn' are made when first asked for; until then they take no memory. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import type { HeapMemory, WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { initializers, layers } from '../src/index.js';

const backend = () => tf.backend() as WasmCnnBackend;
const memory = () => tf.memory() as tf.MemoryInfo & HeapMemory;
const he = initializers.heNormal({ seed: 1 });
const shape = [40, 25];
/** What the weight of `he` is, computed at once by tfjs's own backend. */
let expected: Float32Array;

beforeAll(async () => {
  await tf.setBackend('cpu');
  expected = tf.tidy(() => he.apply(shape).dataSync()) as Float32Array;
  await tf.setBackend('wasm-cnn');
});

test('the same bits on a backend that makes them at once', () => {
  const weight = he.apply(shape);
  expect(memory().unmadeBytes).toBe(4000);
  expect(weight.dataSync()).toEqual(expected);
  expect(memory().unmadeBytes).toBe(0);
  weight.dispose();
});

test('asked for by an address, they are made in linear memory; read before, they are the same', () => {
  const before = memory();
  for (const readFirst of [false, true]) {
    const weight = he.apply(shape);
    expect(memory().heapBytes).toBe(before.heapBytes);
    if (readFirst) expect(weight.dataSync()).toEqual(expected);
    const pointer = backend().address(weight, 'test');
    expect(backend().runtime.float32(pointer, 1000)).toEqual(expected);
    expect(memory()).toMatchObject({ unmadeBytes: 0, heapBytes: before.heapBytes + 4032 });
    expect(weight.dataSync()).toEqual(expected);
    weight.dispose();
  }
  expect(memory()).toEqual({ ...before, heapPeak: expect.any(Number), heapReserved: expect.any(Number) });
});

test('they are made once, however many tensors share them', () => {
  let made = 0;
  const dataId = backend().writeLazily(3, (values) => values.fill(++made));
  const weight = tf.engine().makeTensorFromDataId(dataId, [3], 'float32');
  const copies = [tf.clone(weight), tf.reshape(weight, [3, 1])];
  weight.dispose();
  expect(made).toBe(0);
  expect([...copies[0]!.dataSync()]).toEqual([1, 1, 1]);
  copies[0]!.dispose();
  expect([...copies[1]!.dataSync()]).toEqual([1, 1, 1]);
  expect([...tf.tidy(() => tf.add(copies[1]!, 1)).dataSync()]).toEqual([2, 2, 2]);
  expect(made).toBe(1);
  copies[1]!.dispose();
  expect(backend().data.has(dataId)).toBe(false);
});

test('what is disposed before it is used is never made', () => {
  const before = memory();
  const dataId = backend().writeLazily(10 ** 9, () => {
    throw new Error('nobody asked for it');
  });
  const weight = tf.engine().makeTensorFromDataId(dataId, [10 ** 9], 'float32');
  expect(memory().unmadeBytes).toBe(4e9);
  weight.dispose();
  expect(memory()).toEqual(before);
});

test('a variable of them can be assigned, and moves to another backend and back', async () => {
  const [variable, other] = [0, 1].map(() => {
    const initial = he.apply(shape);
    const made = tf.variable(initial);
    initial.dispose();
    return made;
  }) as [tf.Variable, tf.Variable];
  expect(memory().unmadeBytes).toBe(8000);
  const zeros = tf.zeros(shape);
  other.assign(zeros);
  expect(memory().unmadeBytes).toBe(4000);
  expect(tf.tidy(() => tf.sum(other).dataSync()[0])).toBe(0);
  await tf.setBackend('cpu');
  // An op on another backend asks for the values there.
  expect(tf.tidy(() => tf.mul(variable, 2).dataSync())).toEqual(expected.map((x) => 2 * x));
  await tf.setBackend('wasm-cnn');
  expect(tf.tidy(() => tf.mul(variable, 2).dataSync())).toEqual(expected.map((x) => 2 * x));
  expect(await variable.data()).toEqual(expected);
  expect(memory().unmadeBytes).toBe(0);
});

test('a net of 25 million parameters is built, counted and thrown away without its weights', () => {
  const before = memory();
  let largest = 0;
  const watched = new Proxy(Float32Array, {
    construct(target, [first]: [number | { length: number }]) {
      largest = Math.max(largest, typeof first === 'number' ? first : first.length);
      return Reflect.construct(target, [first]);
    },
  });
  const stock = globalThis.Float32Array;
  globalThis.Float32Array = watched;
  const net = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 512, kernelSize: 3, inputShape: [8, 8, 512], padding: 'same' }),
      layers.conv2d({ filters: 512, kernelSize: 3, kernelInitializer: he, padding: 'same' }),
      layers.depthwiseConv2d({ kernelSize: 3, kernelInitializer: 'xavierUniform' } as layers.DepthwiseConv2DOptions),
      layers.flatten(),
      layers.dense({ units: 1100, kernelInitializer: initializers.inverseSqrt() }),
    ],
  });
  globalThis.Float32Array = stock;
  expect(net.countParams()).toBeGreaterThan(25e6);
  expect(largest).toBe(1100);
  const { heapBytes, unmadeBytes } = memory();
  expect(heapBytes).toBe(before.heapBytes);
  const small = net.weights.filter(({ name }) => name.includes('bias')).reduce((sum, { shape: [n] }) => sum + n!, 0);
  expect(unmadeBytes - before.unmadeBytes).toBe(4 * (net.countParams() - small));
  net.dispose();
  expect(memory().unmadeBytes).toBe(before.unmadeBytes);
});
