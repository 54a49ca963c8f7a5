import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { syntheticDigits } from '../src/data/digits.js';
import * as layers from '../src/layers/index.js';
import {
  cosine,
  crossEntropy,
  DivergedError,
  evaluate,
  fit as fitNet,
  hingeLoss,
  type LossFunction,
  type Schedule,
  Sgd,
  Trainer,
  WeightAverage,
} from '../src/train/index.js';
import { leNet5 } from '../src/zoo/le-net.js';
import { halves, linear, loaderOf, train } from './learning-tasks.js';

describe.each(['cpu', 'wasm-cnn'])('Trainer on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it('learns, tells about every step and epoch, and scores the last, smaller batch too', async () => {
    const model = linear();
    const told: unknown[] = [];
    const optimizer = new Sgd({ learningRate: 0.1, momentum: 0.9 });
    const trainer = new Trainer(model, {
      optimizer,
      callbacks: [
        {
          onBegin: ({ steps, step, count, batchSize }) => void told.push([steps, step, count, batchSize]),
          onStep: ({ step, epoch, count }) => void told.push([step, epoch, count]),
          onEpoch: ({ epoch, train: { count }, test }) => void told.push([epoch, count, test?.count]),
          onEnd: (error) => void told.push(error),
        },
      ],
    });
    const { epochs, losses, imagesPerSecond } = await trainer.fit(loaderOf(20), { epochs: 2, test: loaderOf(10) });
    expect(told).toEqual([
      [6, 0, 20, 8],
      ...[
        [1, 1, 8],
        [2, 1, 8],
        [3, 1, 4],
        [1, 20, 10],
      ],
      ...[
        [4, 2, 8],
        [5, 2, 8],
        [6, 2, 4],
        [2, 20, 10],
      ],
      undefined,
    ]);
    expect(losses).toHaveLength(6);
    expect(epochs[1]!.test!.accuracy).toBe(1);
    expect(epochs[1]!.train.loss).toBeLessThan(epochs[0]!.train.loss);
    expect(imagesPerSecond).toBeGreaterThan(0);
    model.dispose();
    optimizer.dispose();
  });

  it('adds the penalties of the layers to the loss', async () => {
    const penalised = (l2: number) => async () => {
      const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
      const kernelRegularizer = l2 > 0 ? tfl.regularizers.l2({ l2 }) : undefined;
      const { weights, losses } = await train(() =>
        tfl.sequential({
          layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 2, kernelInitializer, kernelRegularizer })],
        }),
      );
      return { size: weights[0]!.reduce((sum, w) => sum + w * w, 0), loss: losses.at(-1)! };
    };
    const [free, held] = [await penalised(0)(), await penalised(0.5)()];
    expect(held.size).toBeLessThan(0.5 * free.size);
    expect(held.loss).toBeGreaterThan(free.loss);
  });

  it('leaves nothing behind, also where it is aborted or diverges', async () => {
    const model = linear();
    const run = async (learningRate: number, abortAfter = Infinity) => {
      const abort = new AbortController();
      const optimizer = new Sgd({ learningRate, momentum: 0.9 });
      const onStep = ({ step }: { step: number }) => step === abortAfter && abort.abort(new Error('enough'));
      const trainer = new Trainer(model, { optimizer, callbacks: [{ onStep: (report) => void onStep(report) }] });
      try {
        await trainer.fit(loaderOf(50, { wrong: 5 }), { epochs: 3, test: loaderOf(10), signal: abort.signal });
      } finally {
        trainer.dispose();
        optimizer.dispose();
      }
    };
    const before = tf.memory().numTensors;
    await run(0.1);
    await expect(run(0.1, 3)).rejects.toThrow('enough');
    await expect(run(1e38)).rejects.toThrow(DivergedError);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('trains plain functions with their variables', async () => {
    const [weight, bias] = [tf.variable(tf.zeros([4, 2])), tf.variable(tf.zeros([2]))];
    const net = {
      apply: (x: tf.Tensor) => tf.add(tf.matMul(tf.reshape(x, [-1, 4]), weight), bias),
      variables: [weight, bias],
      penalties: () => [tf.mul(tf.sum(tf.square(weight)), 1e-3) as tf.Scalar],
    };
    const { epochs } = await fitNet(net, loaderOf(50), { epochs: 3, learningRate: 0.1, test: loaderOf(20) });
    expect(epochs.at(-1)!.test!.accuracy).toBe(1);
    tf.dispose([weight, bias]);
  });
});

describe('Trainer', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
  });

  it('moves learning rate and momentum as the schedule says, and puts the rate back', async () => {
    const optimizer = new Sgd({ learningRate: 0.5, momentum: 0.9 });
    const moved: number[] = [];
    jest.spyOn(optimizer, 'setMomentum').mockImplementation((momentum) => void moved.push(momentum));
    const rates: number[] = [];
    const schedule: Schedule = {
      learningRate: (base, { step, steps }) => base * (1 - step / steps),
      momentum: ({ step }) => step / 10,
    };
    const trainer = new Trainer(linear(), {
      optimizer,
      schedule,
      callbacks: [{ onStep: ({ learningRate }) => void rates.push(learningRate) }],
    });
    await trainer.fit(loaderOf(16), { epochs: 2 });
    expect(rates).toEqual([0.5, 0.375, 0.25, 0.125]);
    expect(moved).toEqual([0, 0.1, 0.2, 0.3]);
    expect(optimizer.learningRate).toBe(0.5);
  });

  it('tells a schedule that looks at results the loss of each test', async () => {
    const observed: number[] = [];
    const schedule: Schedule = { learningRate: (base) => base, observe: (metric) => void observed.push(metric) };
    const optimizer = new Sgd({ learningRate: 0.1 });
    const { epochs } = await new Trainer(linear(), { optimizer, schedule }).fit(loaderOf(16), { epochs: 2, test: loaderOf(8) });
    expect(observed).toEqual(epochs.map(({ test }) => test!.loss));
  });

  it('takes several batches together as if they were one', async () => {
    const whole = await train(linear, { data: loaderOf(64, { batchSize: 32 }), schedule: cosine() });
    const parts = await train(linear, { data: loaderOf(64, { batchSize: 8 }), accumulate: 4, schedule: cosine() });
    expect(parts.losses).toHaveLength(whole.losses.length);
    // Gradients below 2 of 32 pictures, added in another order, through 4 steps.
    const bound = 4 * 32 * 2 * 2 ** -24;
    parts.weights.flat().forEach((w, i) => void expect(Math.abs(w - whole.weights.flat()[i]!)).toBeLessThan(bound));
    parts.losses.forEach((loss, i) => void expect(Math.abs(loss - whole.losses[i]!)).toBeLessThan(bound));
  });

  it('takes what is left at the end of an epoch as a step of its own', async () => {
    const { losses } = await train(linear, { data: loaderOf(40), accumulate: 3, epochs: 2 });
    expect(losses).toHaveLength(4);
  });

  it('tests with the moving average of the weights, and trains on with the weights', async () => {
    const model = linear();
    const average = new WeightAverage(model, { decay: 0.9 });
    const optimizer = new Sgd({ learningRate: 0.1 });
    const { epochs } = await new Trainer(model, { optimizer, average }).fit(loaderOf(50), { epochs: 2, test: loaderOf(20) });
    const [own, averaged] = [await evaluate(model, loaderOf(20)), await average.during(() => evaluate(model, loaderOf(20)))];
    expect(averaged.loss).toBe(epochs[1]!.test!.loss);
    expect(own.loss).not.toBe(averaged.loss);
    average.dispose();
  });

  it('ends where a callback says stop', async () => {
    const optimizer = new Sgd({ learningRate: 0.1 });
    const trainer = new Trainer(linear(), {
      optimizer,
      callbacks: [{ onEpoch: ({ epoch }) => (epoch === 2 ? 'stop' : undefined) }],
    });
    expect((await trainer.fit(loaderOf(16), { epochs: 9 })).epochs).toHaveLength(2);
  });

  it('trains with other losses', async () => {
    const losses = async (loss?: LossFunction) => {
      const { losses: found, model } = await train(linear, { loss, data: loaderOf(50, { wrong: 5 }), epochs: 4 });
      expect((await evaluate(model, loaderOf(50))).accuracy).toBe(1);
      return found;
    };
    const plain = await losses();
    expect(await losses(crossEntropy())).toEqual(plain);
    for (const loss of [hingeLoss, crossEntropy({ labelSmoothing: 0.2 })]) expect(await losses(loss)).not.toEqual(plain);
  });

  it('trains LeNet-5 the same way for the same seed', async () => {
    const { train: digits } = syntheticDigits({ train: 320, test: 50 });
    const losses = async (seed: number) =>
      (await fitNet(leNet5({ seed }), digits, { epochs: 1, batchSize: 32, learningRate: 0.02, seed })).losses;
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(await losses(2)).not.toEqual(first);
    expect(first[9]).toBeLessThan(first[0]!);
  });

  it('refuses what makes no sense', async () => {
    const optimizer = new Sgd();
    const trainer = new Trainer(linear(), { optimizer });
    await expect(trainer.fit(loaderOf(8), { epochs: 0 })).rejects.toThrow('fit: epochs must be a positive integer, got 0');
    expect(() => new Trainer(linear(), { optimizer, accumulate: 1.5 })).toThrow('accumulate must be a positive integer, got 1.5');
    const softmax = tfl.sequential({
      layers: [tfl.layers.flatten({ inputShape: [2, 2, 1] }), tfl.layers.dense({ units: 2, activation: 'softmax' })],
    });
    await expect(fitNet(linear(), loaderOf(8), { epochs: 1, test: halves(8) })).rejects.toThrow(
      'fit: normalization must be given where the training data are batches and the test pictures are not',
    );
    expect(() => new Trainer(softmax, { optimizer })).toThrow(/ends in softmax.*classifierActivation: 'linear'/);
  });
});

it('every callback is told the end, and what ended the training counts', async () => {
  await tf.setBackend('wasm-cnn');
  const told: unknown[] = [];
  const fails = (words: string) => () => {
    throw new Error(words);
  };
  const callbacks = [
    { onStep: fails('mine'), onEnd: fails('end') },
    { onEnd: (error: unknown) => void told.push((error as Error).message) },
  ];
  const optimizer = new Sgd();
  await expect(new Trainer(linear(), { optimizer, callbacks }).fit(loaderOf(8), { epochs: 1 })).rejects.toThrow('mine');
  expect(told).toEqual(['mine']);
});
