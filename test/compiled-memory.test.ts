/** Memory of compiled steps: how much, and that it stays. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { type Buffer, mostAtOnce, place } from '../src/train/compiled/placement.js';
import { leNet5, resNet18 } from '../src/zoo/index.js';
import { batch, eagerly, isCompiled, numbersOf, trained } from './compiled.js';
import { generator, integer, seed } from './random.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

const backend = () => tf.backend() as unknown as WasmCnnBackend;

test(`buffers that are needed at the same time do not overlap (seed ${seed})`, () => {
  const random = generator(seed);
  for (let round = 0; round < 50; round++) {
    const buffers: Buffer[] = Array.from({ length: 60 }, () => {
      const first = integer(random, -1, 40);
      return { bytes: integer(random, 0, 5000), first, last: first + integer(random, 0, 12), offset: -1 };
    });
    const size = place(buffers);
    for (const [i, a] of buffers.entries()) {
      expect(a.offset % 64).toBe(0);
      expect(a.offset + a.bytes).toBeLessThanOrEqual(size);
      for (const b of buffers.slice(i + 1)) {
        const together = a.first <= b.last && b.first <= a.last;
        const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        expect(apart || !together).toBe(true);
      }
    }
    expect(size).toBeGreaterThanOrEqual(mostAtOnce(buffers, 60));
    // Far above the least it would be no plan.
    expect(size).toBeLessThan(1.5 * mostAtOnce(buffers, 60));
  }
});

test('a ResNet’s step holds at least 30 % less than an eager one', () => {
  const net = trained(resNet18({ seed: 1, classes: 10, classifierActivation: 'linear', width: 8, inputShape: [64, 64, 3] }));
  const inputs = batch(net.model, 8, 1);
  const peakOf = (step: () => void): number => {
    backend().resetHeapPeak();
    step();
    return backend().memory().heapPeak;
  };
  eagerly(net, inputs);
  const eager = peakOf(() => eagerly(net, inputs));
  const compiled = new CompiledStep(net.model, net.step);
  const play = () => numbersOf(compiled.run(inputs));
  for (let i = 0; i < 3; i++) play();
  expect(isCompiled(compiled, net, 8)).toBe(true);
  expect(peakOf(play)).toBeLessThan(0.7 * eager);
  const held = backend().memory().heapBytes;
  compiled.rest();
  expect(backend().memory().heapBytes).toBeLessThan(0.5 * held);
  play();
  expect(backend().memory().heapBytes).toBe(held);
  compiled.dispose();
  net.dispose();
});

test('5,000 steps of LeNet-5 leave nothing behind', () => {
  const before = { tensors: tf.memory().numTensors, data: backend().numDataIds() };
  const net = trained(leNet5({ seed: 1 }));
  const compiled = new CompiledStep(net.model, net.step);
  const inputs = [batch(net.model, 4, 1), batch(net.model, 3, 2)];
  const step = (i: number) => tf.dispose(compiled.run(inputs[i % 10 === 9 ? 1 : 0]!));
  for (let i = 0; i < 100; i++) step(i);
  const { numTensors, numBytes } = tf.memory();
  const { heapBytes, heapReserved } = backend().memory();
  for (let i = 0; i < 5000; i++) step(i);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  expect(backend().memory()).toMatchObject({ heapBytes, heapReserved });
  compiled.dispose();
  net.dispose();
  expect({ tensors: tf.memory().numTensors, data: backend().numDataIds() }).toEqual(before);
});
