/** Training steps on TensorFlow that are recorded and played again: against eager ones, with native ops and without. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { Adam } from '../src/train/optimizers/adam.js';
import type { CnnOptimizer } from '../src/train/optimizers/cnn-optimizer.js';
import { Lamb } from '../src/train/optimizers/lamb.js';
import { RmsProp } from '../src/train/optimizers/rms-prop.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { WeightAverage } from '../src/train/optimizers/weight-average.js';
import { Trainer } from '../src/train/trainer.js';
import { takeStep, tensorsOf } from '../src/train/training-step.js';
import { cifarConvNet, leNet5 } from '../src/zoo/index.js';
import { batch, expectEqualSteps, expectSameBits, isCompiled, numbersOf, type Trained, trained } from './compiled.js';
import { generator } from './random.js';
import { describeIf } from './requires.js';
import { smallNets } from './small-nets.js';
import { netWith, Strange, strangeThings } from './strange-layers.js';
import { TENSORFLOW, useAcceleratedTensorFlow } from './tensorflow.js';

const start = (seed: number) => tfl.initializers.randomNormal({ seed, stddev: 0.1 });

/** Handles that tfjs-node's addon holds. */
const handles = (): number => (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();

/**
 * Two nets alike, the second one's steps compiled; nothing is left of them.
 * @param between is done to both after some steps, and gives tensors that stay
 */
function expectEqualNets(
  build: () => tfl.LayersModel,
  optimizer?: () => CnnOptimizer,
  between = (_net: Trained): tf.Tensor[] => [],
): void {
  const before = tf.memory().numTensors;
  const [eager, other] = [trained(build(), optimizer?.()), trained(build(), optimizer?.())];
  const compiled = new CompiledStep(other.model, other.step);
  expectEqualSteps(eager, other, compiled, [3, 3, 3, 3, 3, 2]);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 3)).toBe(true);
  const staying = [...between(eager), ...between(other)];
  expectEqualSteps(eager, other, compiled, [3, 3, 2], 6);
  compiled.dispose();
  eager.dispose();
  other.dispose();
  expect(tf.memory().numTensors).toBe(before + staying.length);
}

const stockNet = (): tfl.LayersModel =>
  tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 2], activation: 'relu', kernelInitializer: start(1) }),
      tfl.layers.batchNormalization(),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3, kernelInitializer: start(2) }),
    ],
  });

describeIf('tfjs-node', 'compiled steps on TensorFlow', () => {
  describe.each([
    ['with native ops', true],
    ['without native ops', false],
  ])('%s', (_title, native) => {
    let undo: () => void;
    beforeAll(async () => {
      tf.env().set('IS_TEST', false);
      undo = await useAcceleratedTensorFlow({ native });
    });
    afterAll(() => undo());

    test.each(['leNet5', 'cifarResNet20', 'mobileNetV2', 'cifarDenseNet'] as const)('%s is trained to the same bits', (name) =>
      expectEqualNets(smallNets[name]),
    );

    test('with dropout, and weights that are changed and shared in between', () => {
      const shared: tf.Tensor[] = [];
      expectEqualNets(
        () => cifarConvNet({ classes: 4, classifierActivation: 'linear', seed: 1, inputShape: [12, 12, 3] }),
        () => new Adam({ learningRate: 0.01 }),
        ({ model }) => {
          const weight = model.weights[0]!;
          tf.tidy(() => void weight.write(tf.mul(weight.read(), 0.5)));
          const copies = [tf.clone(weight.read()), tf.tensor(weight.read().dataSync())];
          shared.push(...copies);
          return copies;
        },
      );
      // What a copy holds does not move with its variable.
      const [a, x, b, y] = numbersOf(shared) as [Float32Array, Float32Array, Float32Array, Float32Array];
      expectSameBits([a, b], [x, y], 'a copy');
    });

    test.each([
      ['Sgd, gradients clipped', () => new Sgd({ learningRate: 0.05, clipNorm: 0.5, weightDecay: 0.01 })],
      ['RmsProp', () => new RmsProp({ learningRate: 0.01, momentum: 0.5 })],
      ['Lamb', () => new Lamb({ learningRate: 0.01 })],
    ])('%s', (_name, optimizer) => expectEqualNets(() => leNet5({ seed: 1 }), optimizer));

    test('gradients of two batches, an average of weights and a rate that moves', () => {
      const trainers = [leNet5({ seed: 1 }), leNet5({ seed: 1 })].map((net) => {
        const optimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 });
        return new Trainer(net, { optimizer, accumulate: 2, average: new WeightAverage(net) });
      }) as [Trainer, Trainer];
      const [eager, other] = trainers;
      const random = generator(3);
      for (let i = 0; i < 10; i++) {
        const images = Float32Array.from({ length: 2 * 784 }, random);
        const labels = Int32Array.from([i % 10, 3]);
        const one = { images, shape: [28, 28, 1] as [number, number, number], labels, places: labels, size: 2 };
        for (const { options } of trainers) options.optimizer.setLearningRate(0.05 / (i + 1));
        const inputs = tensorsOf(one);
        const expected = numbersOf(takeStep(eager.parts, inputs, i % 2 === 1));
        tf.dispose(inputs);
        const { loss, output } = other.step(one, i % 2 === 1);
        expectSameBits(numbersOf([loss, output]), expected, `results of step ${i}`);
        const weights = ({ net, parts }: Trainer) =>
          [...(net as tfl.LayersModel).weights.map((weight) => weight.read()), ...Object.values(parts.average!.slots())].map(
            (tensor) => tensor.dataSync<'float32'>(),
          );
        expectSameBits(weights(other), weights(eager), `weights and averages after step ${i}`);
      }
      expect(other.whyEager).toBeUndefined();
      for (const { net, options, parts } of trainers) {
        parts.average!.dispose();
        options.optimizer.dispose();
        (net as tfl.LayersModel).dispose();
      }
      for (const trainer of trainers) trainer.dispose();
    });

    test('what is played leaves no handle behind, nor does a step whose loss is no number change a weight', () => {
      const trainer = new Trainer(leNet5({ seed: 1 }), { optimizer: new Sgd({ learningRate: 0.1, momentum: 0.9 }) });
      const step = (value: number) => {
        const labels = Int32Array.of(1, 2);
        const images = new Float32Array(2 * 784).fill(value);
        const { loss, output } = trainer.step({ images, shape: [28, 28, 1], labels, places: labels, size: 2 });
        return numbersOf([loss, output])[0]![0]!;
      };
      for (let i = 0; i < 4; i++) step(0.5);
      const [tensors, held] = [tf.memory().numTensors, handles()];
      const weights = () => (trainer.net as tfl.LayersModel).weights.map((weight) => weight.read().dataSync<'float32'>());
      const before = weights();
      expect(step(NaN)).toBeNaN();
      expectSameBits(weights(), before, 'weights');
      expect(step(0.5)).toBeGreaterThan(0);
      expect(weights()[0]).not.toEqual(before[0]);
      expect(tf.memory().numTensors).toBe(tensors);
      // Numbers that the runner keeps follow the optimizer's: there may be some more without a native update.
      expect(handles() - held).toBeLessThanOrEqual(native ? 0 : 8);
      trainer.dispose();
      trainer.options.optimizer.dispose();
      (trainer.net as tfl.LayersModel).dispose();
    });

    test.each(strangeThings())('%s: steps stay eager, and it is said why', (_name, compute, why) => {
      const net = trained(netWith(new Strange(compute)));
      const compiled = new CompiledStep(net.model, net.step);
      for (let i = 0; i < 8; i++) expect(numbersOf(compiled.run(batch(net.model, 4, 1)))[0]![0]).toBeGreaterThan(0);
      expect(compiled.whyEager).toMatch(why);
      expect(isCompiled(compiled, net, 4)).toBe(false);
      net.dispose();
    });

    test('a net goes from wasm-cnn to TensorFlow and back', async () => {
      await tf.setBackend('wasm-cnn');
      const [eager, other] = [trained(leNet5({ seed: 1 })), trained(leNet5({ seed: 1 }))];
      const compiled = new CompiledStep(other.model, other.step);
      expectEqualSteps(eager, other, compiled, [2, 2, 2, 2]);
      for (const [i, backend] of [TENSORFLOW, 'wasm-cnn'].entries()) {
        await tf.setBackend(backend);
        expect(isCompiled(compiled, other, 2)).toBe(true);
        expectEqualSteps(eager, other, compiled, [2, 2, 2, 2], 4 * (i + 1));
        expect(compiled.whyEager).toBeUndefined();
      }
      compiled.dispose();
      eager.dispose();
      other.dispose();
      await tf.setBackend(TENSORFLOW);
    });
  });

  test('kernels that are taken back, and come again, are noticed', async () => {
    const undo = await useAcceleratedTensorFlow();
    const [eager, other] = [trained(leNet5({ seed: 1 })), trained(leNet5({ seed: 1 }))];
    const compiled = new CompiledStep(other.model, other.step);
    expectEqualSteps(eager, other, compiled, [2, 2, 2, 2]);
    undo();
    expectEqualSteps(eager, other, compiled, [2, 2, 2, 2, 2], 4);
    expect(isCompiled(compiled, other, 2)).toBe(true);
    const undoAgain = await useAcceleratedTensorFlow();
    expectEqualSteps(eager, other, compiled, [2, 2, 2, 2], 9);
    expect(isCompiled(compiled, other, 2)).toBe(true);
    compiled.dispose();
    eager.dispose();
    other.dispose();
    undoAgain();
  });

  test('layers of tfjs, their max pool and its gradient by native ops', async () => {
    const undo = await useAcceleratedTensorFlow();
    expectEqualNets(stockNet);
    undo();
  });
});
