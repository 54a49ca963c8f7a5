import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader, type DataLoaderOptions } from '../src/data/data-loader.js';
import { syntheticDigits } from '../src/data/digits.js';
import { normalizationOf } from '../src/data/normalization.js';
import * as layers from '../src/layers/index.js';
import {
  AdamW,
  CheckpointError,
  constant,
  cosine,
  crossEntropy,
  DivergedError,
  earlyStopping,
  evaluate,
  fit as fitNet,
  hingeLoss,
  type LossFunction,
  linearWarmup,
  loadCheckpointWeights,
  oneCycle,
  plateau,
  type Schedule,
  Sgd,
  Trainer,
  type TrainerOptions,
  WeightAverage,
} from '../src/train/index.js';
import { leNet5 } from '../src/zoo/le-net.js';
import { halves, Kept, linear } from './learning-tasks.js';

function loaderOf(count: number, options: Partial<DataLoaderOptions> & { wrong?: number } = {}): DataLoader {
  const { wrong, ...rest } = options;
  const pictures = halves(count, wrong);
  return new DataLoader(pictures, { batchSize: 8, shuffle: true, seed: 1, normalization: normalizationOf(pictures), ...rest });
}

type Choice = Partial<TrainerOptions> & { epochs?: number; data?: DataLoader };

/** Trains from the start, with an optimizer of its own, and lets go of all. */
async function train(
  make: () => tfl.LayersModel,
  choose: Choice | ((model: tfl.LayersModel) => Choice) = {},
): Promise<{ losses: readonly number[]; weights: number[][]; model: tfl.LayersModel }> {
  const model = make();
  const { epochs = 2, data = loaderOf(50), ...rest } = typeof choose === 'function' ? choose(model) : choose;
  const optimizer = rest.optimizer ?? new Sgd({ learningRate: 0.1, momentum: 0.9 });
  const trainer = new Trainer(model, { ...rest, optimizer });
  const { losses } = await trainer.fit(data, { epochs });
  trainer.dispose();
  optimizer.dispose();
  rest.average?.dispose();
  return { losses, weights: model.getWeights().map((weight) => Array.from(weight.dataSync())), model };
}

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

  it('says which weight went first, and where the last good checkpoint is', async () => {
    const store = new Kept();
    const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
    const model = tfl.sequential({
      layers: [
        tfl.layers.flatten({ inputShape: [2, 2, 1] }),
        layers.dense({ name: 'first', units: 4, kernelInitializer }),
        layers.dense({ name: 'last', units: 2, kernelInitializer }),
      ],
    });
    const schedule: Schedule = { learningRate: (base, { step }) => (step < 8 ? base : 1e30) };
    const trainer = new Trainer(model, {
      optimizer: new Sgd({ learningRate: 0.01 }),
      schedule,
      checkpoints: { store, everySteps: 5 },
    });
    const error: DivergedError = await trainer.fit(loaderOf(50), { epochs: 3 }).then(
      () => expect('no error').toBe('an error') as never,
      (reason: DivergedError) => reason,
    );
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.weight).toMatch(/^last\//);
    expect(error.message).toContain(`the last good checkpoint is checkpoint-${error.checkpoint!.split('-')[1]}`);
    for (const { snapshot } of store.checkpoints) {
      for (const { values } of Object.values(snapshot.tensors)) expect(Array.from(values).every(Number.isFinite)).toBe(true);
    }
  });
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
    await tf.setBackend('wasm-cnn');
    const normalization = { mean: [NaN], std: [1] };
    await expect(fitNet(linear(), halves(9), { epochs: 1, normalization })).rejects.toThrow(
      /expected pictures of finite numbers, found NaN/,
    );
  });

  it('mixed pictures are nothing for the hinge loss', () => {
    expect(() => hingeLoss(tf.zeros([2, 2]), tf.zeros([2, 2]))).toThrow(/pictures cannot be mixed/);
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

describe.each(['wasm-cnn', 'cpu'])('a loss that is no number: %s', (backend) => {
  // Of pictures that are zero the loss is ln 2 whatever the kernels are, and the gradient grows from layer to layer, backwards.
  it.each(['first', 'second'])('names the weight whose gradient went first: %s', async (guilty) => {
    await tf.setBackend(backend);
    const names = ['first', 'second', 'third', 'last'];
    const model = tfl.sequential({
      layers: [layers.flatten({ inputShape: [2, 2, 1] }), ...names.map((name) => layers.dense({ name, units: 2 }))],
    });
    const sizes: Record<string, number[]> = { first: [1, 1e13, 1e13, 1e13], second: [1, 1, 1e20, 1e20] };
    const grow = () => {
      tf.tidy(() => {
        const filled = sizes[guilty]!.flatMap((size, i) => [tf.fill([i === 0 ? 4 : 2, 2], size), tf.zeros([2])]);
        // Were the classes alike, so would be the gradients that meet in a unit, with signs that cancel.
        filled[6] = tf.mul(
          filled[6]!,
          tf.tensor2d([
            [1, 0],
            [1, 0],
          ]),
        );
        model.setWeights(filled);
      });
    };
    const black = { ...halves(8), images: new Uint8Array(32), labels: new Int32Array(8).fill(1) };
    const data = new DataLoader(black, { batchSize: 8, normalization: { mean: [0], std: [1] } });
    const optimizer = new Sgd({ learningRate: 1e-3 });
    const onStep = ({ step }: { step: number }) => void (step === 5 && grow());
    const error = await new Trainer(model, { optimizer, callbacks: [{ onStep }] })
      .fit(data, { epochs: 9 })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    expect([(error as DivergedError).step, (error as DivergedError).weight?.split('/')[0]]).toEqual([7, guilty]);
  });
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
