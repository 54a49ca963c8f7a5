import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as layers from '../src/layers/index.js';
import {
  AdamW,
  CheckpointError,
  constant,
  earlyStopping,
  linearWarmup,
  loadCheckpointWeights,
  oneCycle,
  plateau,
  Sgd,
  WeightAverage,
} from '../src/train/index.js';
import { type Choice, Kept, linear, loaderOf, train } from './learning-tasks.js';

it('a training that was stopped early takes no step when it is resumed', async () => {
  await tf.setBackend('wasm-cnn');
  const store = new Kept();
  const epochs = async () => {
    const callbacks = [earlyStopping({ monitor: 'trainLoss', patience: 1, minDelta: 1e9 })];
    const { losses } = await train(linear, { callbacks, checkpoints: { store }, epochs: 6 });
    return losses.length;
  };
  const first = await epochs();
  expect([await epochs(), await epochs()]).toEqual([first, first]);
});

it('a checkpoint of other data, another order or another number of batches taken together is refused', async () => {
  await tf.setBackend('wasm-cnn');
  const store = new Kept();
  await train(linear, { checkpoints: { store } });
  const others = {
    order: loaderOf(50, { shuffle: false }),
    labels: loaderOf(50, { wrong: 7 }),
    weights: loaderOf(50, { classWeights: [1, 2] }),
  };
  for (const data of Object.values(others)) {
    await expect(train(linear, { checkpoints: { store }, data })).rejects.toThrow(
      /is of another training: the data's recipe must be/,
    );
  }
  await expect(train(linear, { checkpoints: { store }, accumulate: 2 })).rejects.toThrow(
    /the data's accumulate must be 2, found 1/,
  );
});

describe('a training that goes on from a checkpoint', () => {
  const dropoutNet = () =>
    tfl.sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 2,
          inputShape: [2, 2, 1],
          kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
        }),
        layers.batchNormalization({}),
        layers.dropout({ rate: 0.3 }),
        layers.flatten({}),
        layers.dense({ units: 2, kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }) }),
      ],
    });

  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
  });

  const cases: Record<string, (model: tfl.LayersModel) => Choice> = {
    'Sgd, one-cycle': () => ({ optimizer: new Sgd({ learningRate: 0.1, momentum: 0.9 }), schedule: oneCycle() }),
    'AdamW, a moving average': (model) => ({
      optimizer: new AdamW({ learningRate: 0.01 }),
      average: new WeightAverage(model, { decay: 0.9 }),
    }),
    'plateau, batches taken together': () => ({ schedule: plateau({ patience: 0, factor: 0.5 }), accumulate: 2 }),
    'a warm-up': () => ({ schedule: linearWarmup({ totalIters: 9, by: 'step' }) }),
  };
  it.each(Object.keys(cases))('takes the same steps, to the bit, wherever it stopped: %s', async (name) => {
    const store = new Kept();
    const unbroken = await train(dropoutNet, (model) => ({
      ...cases[name]!(model),
      epochs: 3,
      checkpoints: { store, everySteps: 3 },
    }));
    expect(store.checkpoints.length).toBeGreaterThan(5);
    for (let count = 1; count < store.checkpoints.length; count += 2) {
      const resumed = await train(dropoutNet, (model) => ({
        ...cases[name]!(model),
        epochs: 3,
        checkpoints: { store: store.cutTo(count) },
      }));
      expect(resumed.losses).toEqual(unbroken.losses);
      expect(resumed.weights).toEqual(unbroken.weights);
    }
  });

  it('begins anew where nothing is there, or where it is told to', async () => {
    const store = new Kept();
    const first = await train(linear, { checkpoints: { store } });
    const again = await train(linear, { checkpoints: { store, resume: false } });
    expect(again.losses).toEqual(first.losses);
  });

  it('refuses a checkpoint of another training, and changes nothing', async () => {
    const store = new Kept();
    await train(linear, { checkpoints: { store } });
    await expect(train(linear, { checkpoints: { store }, data: loaderOf(51) })).rejects.toThrow(CheckpointError);
    await expect(train(linear, { checkpoints: { store }, optimizer: new AdamW() })).rejects.toThrow(
      /the optimizer must be CnnAdamW/,
    );
    const model = dropoutNet();
    const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
    await expect(train(() => model, { checkpoints: { store } })).rejects.toThrow(/the weight '.*' must be \[.*\], found nothing/);
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
  });

  it('gives its weights to a net', async () => {
    const store = new Kept();
    const { weights } = await train(linear, { checkpoints: { store }, schedule: constant() });
    const model = linear();
    loadCheckpointWeights(model, (await store.latest())!.snapshot);
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(weights);
  });
});
