/** When steps run eagerly, and what is said of it. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { OutOfMemoryError } from '../src/backends/wasm-cnn/runtime.js';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { leNet5 } from '../src/zoo/index.js';
import { batch, expectEqualSteps, isCompiled, numbersOf, type Trained, trained } from './compiled.js';
import { netWith, Strange, strangeThings } from './strange-layers.js';

beforeEach(async () => {
  await tf.setBackend('wasm-cnn');
});

/** Takes steps; the net learns, compiled or not. */
function run({ model, ...rest }: Trained, steps = 8): CompiledStep {
  const compiled = new CompiledStep(model, rest.step);
  const losses = Array.from({ length: steps }, () => numbersOf(compiled.run(batch(model, 4, 1)))[0]![0]!);
  expect(losses.every(Number.isFinite)).toBe(true);
  return compiled;
}

test('a layer that is not known', () => {
  const net = trained(netWith(tfl.layers.gaussianNoise({ stddev: 0.1, name: 'noise' })));
  const compiled = run(net);
  expect(compiled.whyEager).toBe("layer 'noise' (GaussianNoise) is not known to give the same kernels at each step");
  expect(isCompiled(compiled, net, 4)).toBe(false);
  net.dispose();
});

test('a function', () => {
  const variable = tf.variable(tf.tensor2d([[1, 2]]));
  const apply = (x: tf.Tensor) => tf.matMul(tf.reshape(x, [-1, 1]), variable as tf.Tensor2D);
  const compiled = new CompiledStep({ apply, variables: [variable] }, ([x]) => [tf.sum(apply(x!))]);
  expect(numbersOf(compiled.run([{ values: Float32Array.of(1, 2), shape: [2, 1, 1, 1] }]))[0]![0]).toBe(9);
  expect(compiled.whyEager).toMatch('what a function computes may differ from step to step');
  variable.dispose();
});

test.each(strangeThings())('%s', (_, compute, why) => {
  const net = trained(netWith(new Strange(compute)));
  const compiled = run(net);
  expect(compiled.whyEager).toMatch(why);
  expect(isCompiled(compiled, net, 4)).toBe(false);
  net.dispose();
});

test('another backend, and back', async () => {
  const [eager, other] = [trained(leNet5({ seed: 1 })), trained(leNet5({ seed: 1 }))];
  const compiled = new CompiledStep(other.model, other.step);
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2]);
  expect(isCompiled(compiled, other, 2)).toBe(true);
  await tf.setBackend('cpu');
  expect(compiled.whyEager).toBe("the backend is 'cpu', not 'wasm-cnn', 'tensorflow' or 'webgpu'");
  expectEqualSteps(eager, other, compiled, [2, 2], 4);
  await tf.setBackend('wasm-cnn');
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2], 6);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 2)).toBe(true);
  compiled.dispose();
  eager.dispose();
  other.dispose();
});

test('memory in pieces is made one', () => {
  const [eager, other] = [trained(leNet5({ seed: 1 })), trained(leNet5({ seed: 1 }))];
  const compiled = new CompiledStep(other.model, other.step);
  const backend = tf.backend() as unknown as WasmCnnBackend;
  const { runtime } = backend;
  const original = Object.getPrototypeOf(runtime).allocate.bind(runtime) as typeof runtime.allocate;
  const pieces: number[] = [];
  const allocate = jest.spyOn(runtime, 'allocate').mockImplementation((bytes, what) => {
    if (what !== 'a compiled training step') return original(bytes, what);
    pieces.push(backend.memory().heapBytes);
    if (pieces.length === 1) throw new OutOfMemoryError('in pieces');
    return original(bytes, what);
  });
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2, 2]);
  allocate.mockRestore();
  // Weights and velocities of 61,706 numbers were out of the way.
  expect(pieces[0]! - pieces[1]!).toBeGreaterThan(2 * 4 * 61706);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 2)).toBe(true);
  compiled.dispose();
  eager.dispose();
  other.dispose();
});

test('no memory for the plan', () => {
  const [eager, other] = [trained(leNet5({ seed: 1 })), trained(leNet5({ seed: 1 }))];
  const compiled = new CompiledStep(other.model, other.step);
  const { runtime } = tf.backend() as unknown as WasmCnnBackend;
  const allocate = jest.spyOn(runtime, 'allocate').mockImplementation((bytes, what) => {
    if (what === 'a compiled training step') throw new OutOfMemoryError(`${what} needs ${bytes} bytes`);
    return original(bytes, what);
  });
  const original = Object.getPrototypeOf(runtime).allocate.bind(runtime) as typeof runtime.allocate;
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2, 2]);
  expect(allocate.mock.calls.some(([, what]) => what === 'a compiled training step')).toBe(true);
  allocate.mockRestore();
  expect(compiled.whyEager).toMatch(/^there is no memory for a compiled step: a compiled training step needs \d+ bytes$/);
  // Once there is.
  compiled.forget();
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2], 5);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 2)).toBe(true);
  compiled.dispose();
  eager.dispose();
  other.dispose();
});

test('a step that throws leaves nothing behind', () => {
  const net = trained(leNet5({ seed: 1 }));
  const compiled = new CompiledStep(net.model, net.step);
  const before = tf.memory().numTensors;
  const wrong = [{ values: new Float32Array(2 * 28 * 28), shape: [2, 28, 28] }, batch(net.model, 2, 1)[1]!];
  expect(() => compiled.run(wrong)).toThrow();
  expect(tf.memory().numTensors).toBe(before);
  expect((tf.backend() as unknown as WasmCnnBackend).listener).toBeUndefined();
  tf.dispose(compiled.run(batch(net.model, 2, 1)));
  compiled.dispose();
  net.dispose();
});
