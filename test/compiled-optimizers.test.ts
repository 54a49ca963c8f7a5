/** Every optimizer, gradients of several batches and the moving average of weights in compiled steps. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '../src/standard/register.js';
import type { TrainingBatch } from '../src/data/batch-source.js';
import * as layers from '../src/layers/index.js';
import { Plan } from '../src/train/compiled/plan.js';
import { createOptimizer, OPTIMIZERS, type OptimizerName } from '../src/train/optimizers/create-optimizer.js';
import { WeightAverage } from '../src/train/optimizers/weight-average.js';
import { Trainer, type TrainerOptions } from '../src/train/trainer.js';
import { takeStep, tensorsOf } from '../src/train/training-step.js';
import { expectSameBits, numbersOf } from './compiled.js';
import { generator } from './random.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

const start = (seed: number) => tfl.initializers.randomNormal({ seed, stddev: 0.1 });

const net = (): tfl.LayersModel =>
  tfl.sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 2], kernelInitializer: start(1) }),
      layers.batchNormalization({ momentum: 0.9 }),
      layers.dropout({ rate: 0.3, seed: 5 }),
      layers.flatten(),
      layers.dense({ units: 3, kernelInitializer: start(2) }),
    ],
  });

function batch(size: number, seed: number, more: 'plain' | 'targets' | 'weights'): TrainingBatch {
  const random = generator(seed);
  const draw = (length: number) => Float32Array.from({ length }, () => random());
  return {
    images: draw(size * 128),
    shape: [8, 8, 2],
    labels: Int32Array.from({ length: size }, () => Math.floor(random() * 3)),
    places: Int32Array.from({ length: size }, (_, i) => i),
    size,
    ...(more === 'targets' ? { targets: Float32Array.from({ length: size * 3 }, () => 1 / 3) } : {}),
    ...(more === 'weights' ? { weights: draw(size) } : {}),
  };
}

/** Trains two nets alike, by compiled steps and by eager ones; everything must be the same bits. */
function expectEqualTraining(
  options: (model: tfl.LayersModel) => TrainerOptions,
  batches: readonly (readonly [TrainingBatch, boolean])[],
) {
  const [eager, other] = [net(), net()].map((model) => new Trainer(model, options(model))) as [Trainer, Trainer];
  const numbers = ({ net: model, parts: { optimizer, average } }: Trainer) =>
    [
      ...(model as tfl.LayersModel).weights.map((weight) => weight.read()),
      ...Object.values(optimizer.slots()),
      ...Object.values(average?.slots() ?? {}),
    ].map((tensor) => tensor.dataSync<'float32'>().slice());
  const played = jest.spyOn(Plan.prototype, 'play');
  batches.forEach(([one, update], i) => {
    const inputs = tensorsOf(one);
    const expected = numbersOf(takeStep(eager.parts, inputs, update));
    tf.dispose(inputs);
    const { loss, output } = other.step(one, update);
    expectSameBits(numbersOf([loss, output]), expected, `results of step ${i}`);
    expectSameBits(numbers(other), numbers(eager), `weights, slots and averages after step ${i}`);
    expect(other.parts.optimizer.state().iterations).toBe(eager.parts.optimizer.state().iterations);
    expect(other.parts.average?.state()).toEqual(eager.parts.average?.state());
  });
  expect(other.whyEager).toBeUndefined();
  // Of each kind of step two or three are recorded.
  expect(played.mock.calls.length).toBeGreaterThanOrEqual(4);
  played.mockRestore();
  for (const trainer of [eager, other]) {
    trainer.dispose();
    trainer.options.average?.dispose();
    trainer.options.optimizer.dispose();
    (trainer.net as tfl.LayersModel).dispose();
  }
}

const settings: Partial<Record<OptimizerName, object>> = {
  sgd: { learningRate: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 },
};

test.each(OPTIMIZERS)('%s', (name) => {
  const sizes = [4, 4, 4, 4, 3, 3, 3, 4, 3, 4];
  expectEqualTraining(
    () => ({ optimizer: createOptimizer(name, { learningRate: 0.01, ...settings[name] }) }),
    sizes.map((size, i) => [batch(size, i, 'plain'), true]),
  );
});

test('a moving average of the weights', () => {
  expectEqualTraining(
    (model) => ({
      optimizer: createOptimizer('adamW', { learningRate: 0.01 }),
      average: new WeightAverage(model, { decay: 0.9, updateAfterStep: 2 }),
    }),
    Array.from({ length: 8 }, (_, i) => [batch(4, i, 'plain'), true]),
  );
});

test('gradients of several batches', () => {
  expectEqualTraining(
    () => ({ optimizer: createOptimizer('adam', { learningRate: 0.01 }), accumulate: 3 }),
    Array.from({ length: 24 }, (_, i) => [batch(i % 8 === 7 ? 3 : 4, i, 'plain'), i % 3 === 2]),
  );
});

test('mixed pictures and weighted ones', () => {
  expectEqualTraining(
    () => ({ optimizer: createOptimizer('sgd', { learningRate: 0.01 }) }),
    (['plain', 'targets', 'weights'] as const).flatMap((more) =>
      Array.from({ length: 5 }, (_, i) => [batch(4, i, more), true] as const),
    ),
  );
});
