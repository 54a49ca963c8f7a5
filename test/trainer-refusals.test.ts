import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import { DataLoader } from '../src/data/data-loader.js';
import {
  cosine,
  crossEntropy,
  fit as fitNet,
  hingeLoss,
  type Schedule,
  Sgd,
  Trainer,
  type TrainerOptions,
} from '../src/train/index.js';
import { halves, Kept, linear, loaderOf } from './learning-tasks.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

describe('what JavaScript would let pass', () => {
  const optimizer = new Sgd({ learningRate: 0.1 });
  const refusals: [string, () => unknown, string | RegExp][] = [
    [
      'a misspelt option of Trainer',
      () => new Trainer(linear(), { optimizer, accumulat: 2 } as object as TrainerOptions),
      /no option 'accumulat'/,
    ],
    ['no optimizer', () => new Trainer(linear(), {} as TrainerOptions), /optimizer must be one of this package's/],
    [
      "tfjs's own optimizer",
      () => new Trainer(linear(), { optimizer: tf.train.sgd(1) as unknown as Sgd }),
      /optimizer must be one of/,
    ],
    [
      'a schedule that was not called',
      () => new Trainer(linear(), { optimizer, schedule: cosine as unknown as Schedule }),
      /schedule must be a schedule/,
    ],
    ['one callback without a list', () => new Trainer(linear(), { optimizer, callbacks: {} as [] }), /callbacks must be a list/],
    [
      'no store',
      () => new Trainer(linear(), { optimizer, checkpoints: { store: 'folder' as unknown as Kept } }),
      /checkpoints.store must be a store/,
    ],
    [
      'no number of steps',
      () => new Trainer(linear(), { optimizer, checkpoints: { store: new Kept(), everySteps: NaN } }),
      /everySteps must be a positive integer, got NaN/,
    ],
    ['too much smoothing', () => crossEntropy({ labelSmoothing: 3 }), /labelSmoothing must be a number in \[0, 1\], got 3/],
    [
      'a label without a class',
      () => loaderOf(9, { wrong: 9 }) && new DataLoader({ ...halves(9), labels: new Int32Array(9).fill(2) }, { batchSize: 3 }),
      /found label 2 of picture 0/,
    ],
    [
      'too few bytes',
      () => new DataLoader({ ...halves(9), images: new Uint8Array(8) }, { batchSize: 3 }),
      /expected 36 bytes for 9 pictures, found 8/,
    ],
    [
      "another dataset's sampler",
      () => loaderOf(9, { sampler: { count: 2, places: () => Int32Array.of(3, 9) } }),
      /places below 9.*got 9/,
    ],
    ['a misspelt option of DataLoader', () => loaderOf(9, { shufle: true } as object), /no option 'shufle'/],
  ];
  it.each(refusals)('%s', (_, make, message) => void expect(make).toThrow(message));

  it('data that are none, two learning rates, a misspelt option of fit', async () => {
    await expect(new Trainer(linear(), { optimizer }).fit({} as DataLoader, { epochs: 1 })).rejects.toThrow(
      /data must be a BatchSource/,
    );
    await expect(fitNet(linear(), halves(9), { epochs: 1, optimizer, learningRate: 1 })).rejects.toThrow(
      /learningRate must be left out/,
    );
    await expect(fitNet(linear(), halves(9), { epochs: 1, batchsize: 4 } as object as { epochs: 1 })).rejects.toThrow(
      /no option 'batchsize'/,
    );
  });

  it('pictures that are no numbers are blamed, not the learning rate', async () => {
    const normalization = { mean: [NaN], std: [1] };
    await expect(fitNet(linear(), halves(9), { epochs: 1, normalization })).rejects.toThrow(
      /expected pictures of finite numbers, found NaN/,
    );
  });

  it('mixed pictures are nothing for the hinge loss', () => {
    expect(() => hingeLoss(tf.zeros([2, 2]), tf.zeros([2, 2]))).toThrow(/pictures cannot be mixed/);
  });
});
