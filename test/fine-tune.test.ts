/** Fine-tuning: what learns when and how fast, and that it goes on where it was stopped. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { RandomHorizontalFlip } from '../src/augment/index.js';
import { DataLoader, type DataLoaderOptions, type ImageDataset, syntheticDigits } from '../src/data/index.js';
import {
  cifarResNet20,
  FeatureSource,
  type FineTuneOptions,
  fineTune,
  leNet5,
  mobileNetV1,
  Sgd,
  trainableReport,
} from '../src/index.js';
import type { Snapshot, StoredCheckpoint } from '../src/train/index.js';
import { evenRates, layerGroups, parameterGroups, rateScales } from '../src/transfer/fine-tune/layer-groups.js';
import { phasesOf } from '../src/transfer/fine-tune/phases.js';

let train: ImageDataset;
let test: ImageDataset;
beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
  ({ train, test } = syntheticDigits({ train: 60, test: 30 }));
});

const loader = (options: Partial<DataLoaderOptions> = {}) =>
  new DataLoader(train, { batchSize: 16, shuffle: true, seed: 2, ...options });
const tests = () => new DataLoader(test, { batchSize: 16 });

/** The learning rate's factor of each layer, by its name. */
function scalesOf(
  model: LayersModel,
  options: { groups?: string[]; lrMult?: number; layerDecay?: number },
): Record<string, number> {
  const groups = layerGroups('test', model, options.groups);
  const scales = rateScales(model, groups, { lrMult: options.lrMult ?? 100, layerDecay: options.layerDecay });
  return Object.fromEntries(model.layers.flatMap(({ name, weights }) => (weights[0] ? [[name, scales.get(weights[0])!]] : [])));
}

describe('rates', () => {
  it('are spread as fastai spreads them', () => {
    // even_mults(2e-5, 2e-3, 3) of fastai: start * (stop / start) ** (i / (n - 1)).
    const rates = evenRates(2e-5, 2e-3, 3);
    [2e-5, 2e-4, 2e-3].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 12));
    expect(evenRates(1, 16, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(evenRates(1, 3, 1)).toEqual([3]);
  });

  it('go from a hundredth to the whole by groups: two halves of the body, and the head', () => {
    const scales = scalesOf(leNet5(), {});
    // conv1 conv2 | fc1 fc2 | fc3
    expect(Object.keys(scales)).toEqual(['conv1', 'conv2', 'fc1', 'fc2', 'fc3']);
    [0.01, 0.01, 0.1, 0.1, 1].forEach((scale, i) => expect(Object.values(scales)[i]).toBeCloseTo(scale, 12));
  });

  it('follow groups that are named', () => {
    const scales = scalesOf(cifarResNet20(), { groups: ['layer2', 'layer3', 'linear'], lrMult: 27 });
    for (const [name, scale] of [
      ['conv1', 1 / 27],
      ['layer1.2', 1 / 27],
      ['layer2.0', 1 / 9],
      ['layer3.0', 1 / 3],
      ['linear', 1],
    ] as const) {
      expect(scales[name]).toBeCloseTo(scale, 12);
    }
  });

  it('fall layer by layer where they are to', () => {
    expect(scalesOf(leNet5(), { layerDecay: 0.5 })).toEqual({ conv1: 1 / 16, conv2: 1 / 8, fc1: 1 / 4, fc2: 1 / 2, fc3: 1 });
    const ofBlocks = scalesOf(cifarResNet20(), { layerDecay: 0.5 });
    expect(ofBlocks).toMatchObject({ linear: 1, 'layer3.2': 1 / 2, 'layer3.1': 1 / 4, 'layer2.2': 1 / 16, conv1: 2 ** -11 });
  });

  it('reach the optimizer by the names of weights', () => {
    const model = leNet5();
    const groups = parameterGroups(model, rateScales(model, layerGroups('test', model), { lrMult: 100, layerDecay: undefined }));
    const of = (name: string) => groups.filter(({ layers }) => (layers as (name: string) => boolean)(name));
    expect(groups).toHaveLength(3);
    for (const [name, scale] of [
      ['conv1/kernel', 0.01],
      ['fc2/bias', 0.1],
      ['fc3/kernel', 1],
    ] as const) {
      expect(of(name).map(({ learningRateScale }) => learningRateScale)).toEqual([expect.closeTo(scale, 12)]);
    }
  });
});

describe('phases', () => {
  const groups = () => layerGroups('test', leNet5());
  const numbers = { epochs: 4, freezeEpochs: 1, baseLr: 2e-3, gradual: false, first: 0 };

  it('are those of fastai', () => {
    const phases = phasesOf('test', groups(), numbers);
    expect(phases.map(({ name, epochs, learningRate }) => ({ name, epochs, learningRate }))).toEqual([
      { name: 'head', epochs: 1, learningRate: 2e-3 },
      { name: 'all', epochs: 4, learningRate: 1e-3 },
    ]);
    const at = (phase: number, step: number, steps: number) =>
      phases[phase]!.schedule.learningRate(phases[phase]!.learningRate, { step, steps, epoch: 0, epochs: 1 });
    // fit_one_cycle: div 25 and then 5, the highest rate at 0.3 of the way, the last one a hundred thousandth of it.
    expect(at(0, 0, 100)).toBeCloseTo(2e-3 / 25, 12);
    expect(at(0, 99, 100)).toBeCloseTo(2e-3, 12);
    expect(at(1, 0, 100)).toBeCloseTo(1e-3 / 5, 12);
    expect(at(1, 29, 100)).toBeCloseTo(1e-3, 12);
    expect(at(1, 99, 100)).toBeCloseTo(1e-8, 14);
    expect(phases[1]!.schedule.momentum!({ step: 29, steps: 100, epoch: 0, epochs: 1 })).toBeCloseTo(0.85, 12);
  });

  it('unfreeze one group after the other where they are to', () => {
    const phases = phasesOf('test', groups(), { ...numbers, gradual: true, epochs: 5 });
    const { places, starts } = groups();
    expect(phases.map(({ name, first, epochs }) => [name, places[first]!.layer.name, epochs])).toEqual([
      ['head', 'fc3', 1],
      ['groups from 2', places[starts[1]!]!.layer.name, 2],
      ['all', 'conv1', 3],
    ]);
    expect(() => phasesOf('fineTune', groups(), { ...numbers, gradual: true, epochs: 1 })).toThrow(
      /fineTune: epochs must be 2 or more with gradual/,
    );
    const some = phasesOf('test', groups(), { ...numbers, gradual: true, first: starts[1]! + 1 });
    expect(some.map(({ first }) => first)).toEqual([starts[2], starts[1]! + 1]);
  });
});

describe('fineTune', () => {
  it('trains the head alone, then all at rates that differ', async () => {
    const model = leNet5({ seed: 1 });
    const before = valuesOf(model);
    const learned: number[] = [];
    let moved: string[] = [];
    const result = await fineTune(model, loader(), {
      epochs: 2,
      baseLr: 0.01,
      test: tests(),
      callbacks: (phase) => [
        {
          onBegin: () => void learned.push(trainableReport(model).trainable),
          onEnd() {
            if (phase > 0) return;
            const now = valuesOf(model);
            moved = Object.keys(now).filter((name) => String(now[name]) !== String(before[name]));
          },
        },
      ],
    });
    expect(learned).toEqual([850, 61_706]);
    expect(moved).toEqual(['fc3/kernel', 'fc3/bias']);
    expect(result.phases.map(({ name, frozenAfter }) => [name, frozenAfter])).toEqual([
      ['head', 'fc2'],
      ['all', undefined],
    ]);
    expect(result.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 4],
      [2, 8],
      [3, 12],
    ]);
    expect(result.losses).toHaveLength(12);
    expect(result.epochs.at(-1)!.train.loss).toBeLessThan(result.epochs[0]!.train.loss);
    expect(result.epochs.at(-1)!.test!.count).toBe(30);
    // Adam's first steps are as long as the rate: a layer ten times slower moves about a tenth as far.
    const after = valuesOf(model);
    const step = (name: string) =>
      after[name]!.reduce((sum, value, i) => sum + Math.abs(value - before[name]![i]!), 0) / after[name]!.length;
    expect(step('fc3/kernel') / step('fc1/kernel')).toBeGreaterThan(3);
    expect(step('fc1/kernel') / step('conv1/kernel')).toBeGreaterThan(3);
  });

  it('leaves alone what is never to learn, batch normalisation included', async () => {
    const model = mobileNetV1({ inputShape: [32, 32, 1], alpha: 0.25, classes: 10, classifierActivation: 'linear', seed: 1 });
    const frozen = /(^conv1|^block_\d\/|^block_1[012]\/)/;
    const before = valuesOf(model);
    const large = { ...train, images: padded(train), height: 32, width: 32 };
    const result = await fineTune(model, new DataLoader(large, { batchSize: 16, shuffle: true }), {
      epochs: 1,
      frozenUntil: 'block_13',
    });
    const after = valuesOf(model);
    const moved = Object.keys(after).filter((name) => String(after[name]) !== String(before[name]));
    expect(moved.filter((name) => frozen.test(name))).toEqual([]);
    expect(Object.keys(after).filter((name) => !frozen.test(name))).toEqual(expect.arrayContaining(moved));
    expect(moved.filter((name) => /moving_/.test(name))).toHaveLength(4);
    const kernels = [
      'block_13/conv_dw_13/depthwise_kernel',
      'block_13/conv_pw_13/kernel',
      'conv_preds/kernel',
      'conv_preds/bias',
    ];
    expect(moved).toEqual(expect.arrayContaining(kernels));
    expect(result.phases.map(({ frozenAfter }) => frozenAfter)).toEqual(['avgpool', 'block_12']);
  });

  it('ends alike with and without a cache, to the bit', async () => {
    const losses = async (options: Partial<FineTuneOptions>) => {
      const { losses, epochs } = await fineTune(leNet5({ seed: 1 }), loader(), {
        epochs: 2,
        frozenUntil: 'fc1',
        test: tests(),
        ...options,
      });
      return [...losses, ...epochs.map((epoch) => epoch.test!.loss)];
    };
    const cached = await losses({});
    expect(cached).toHaveLength(15);
    expect(await losses({ cache: false })).toEqual(cached);
    expect(await losses({ cacheBytes: 0 })).toEqual(cached);
  });

  it('goes on where it was stopped, in either phase, with the same losses to the bit', async () => {
    const options = { epochs: 2, freezeEpochs: 2, baseLr: 0.01, frozenUntil: 'fc1', test: tests() } as const;
    const plain = await fineTune(leNet5({ seed: 1 }), loader(), options);
    for (const stopAfter of [3, 6, 11]) {
      const stores = [memoryStore(), memoryStore()];
      const run = (signal?: AbortSignal, onStep: () => void = () => undefined) =>
        fineTune(leNet5({ seed: 1 }), loader(), {
          ...options,
          checkpoints: (phase) => ({ store: stores[phase]! }),
          callbacks: [{ onStep }],
          signal,
        });
      const controller = new AbortController();
      let steps = 0;
      const stopped = run(controller.signal, () => void (++steps === stopAfter && controller.abort(new Error('enough'))));
      await expect(stopped).rejects.toThrow('enough');
      const resumed = await run();
      expect(resumed.losses).toEqual(plain.losses);
      expect(resumed.epochs.map((epoch) => epoch.test)).toEqual(plain.epochs.map((epoch) => epoch.test));
    }
  });

  it('takes pictures that are changed at random', async () => {
    const flips = { transforms: [new RandomHorizontalFlip()] };
    const run = async (options: Partial<FineTuneOptions>) =>
      (await fineTune(leNet5({ seed: 1 }), loader(flips), { epochs: 0, freezeEpochs: 3, baseLr: 0.01, ...options })).losses;
    const anew = await run({});
    const kept = await run({ augmentedEpochs: 3 });
    // Three epochs' changes, three epochs.
    expect(kept).toEqual(anew);
    expect(await run({ augmentedEpochs: 1 })).not.toEqual(anew);
  });

  it('takes an optimizer of one’s own', async () => {
    const made: unknown[] = [];
    await fineTune(leNet5({ seed: 1 }), loader(), {
      epochs: 1,
      baseLr: 0.1,
      optimizer: ({ learningRate, groups }) => {
        made.push(learningRate);
        return new Sgd({ learningRate, groups, momentum: 0.9 });
      },
    });
    expect(made).toEqual([0.1, 0.05]);
  });

  it.each<[string, Partial<FineTuneOptions>, RegExp]>([
    ['no epoch at all', { epochs: 0, freezeEpochs: 0 }, /fineTune: epochs must be above 0 where freezeEpochs is 0/],
    ['half an epoch', { epochs: 0.5 }, /epochs must be an integer, 0 or more, got 0\.5/],
    ['no rate', { baseLr: 0 }, /baseLr must be a finite number above 0/],
    ['rates by two rules', { layerDecay: 0.5, lrMult: 10 }, /lrMult must be left out beside layerDecay/],
    ['a decay above 1', { layerDecay: 1.5 }, /layerDecay must be a number in \(0, 1\]/],
    [
      'groups that do not follow each other',
      { groups: ['fc3', 'fc1'] },
      /groups must be names of the layers at which groups begin/,
    ],
    [
      'a group that there is not',
      { groups: ['fc4'] },
      /fineTune: groups: model 'le_net5' has no layer or stage "fc4"; near ones: fc/,
    ],
    ['a layer that there is not', { frozenUntil: 'fc9' }, /fineTune: frozenUntil: model 'le_net5' has no layer or stage "fc9"/],
    ['nothing that learns', { frozenUntil: 1 }, /frozenUntil leaves nothing that could learn/],
    ['an option that there is not', { lr: 1 } as never, /fineTune: there is no option 'lr'/],
  ])('refuses %s', async (_, options, message) => {
    await expect(fineTune(leNet5(), loader(), { epochs: 1, ...options })).rejects.toThrow(message);
  });

  it('refuses probabilities, and what are no batches', async () => {
    const softmax = mobileNetV1({ alpha: 0.25 });
    await expect(fineTune(softmax, loader(), { epochs: 1 })).rejects.toThrow(/fineTune: the model must give logits/);
    await expect(fineTune(leNet5(), train as never, { epochs: 1 })).rejects.toThrow(/data must be a BatchSource/);
    expect(FeatureSource).toBeDefined();
  });
});

/** Weights by name: in which order a model has them depends on what is frozen. */
function valuesOf(model: LayersModel): Record<string, Float32Array> {
  return Object.fromEntries(model.weights.map((weight) => [weight.originalName, weight.read().dataSync<'float32'>().slice()]));
}

/** Two pixels more on each side. */
function padded({ images, count }: ImageDataset): Uint8Array {
  const large = new Uint8Array(count * 32 * 32);
  for (let i = 0; i < count; i++)
    for (let y = 0; y < 28; y++) large.set(images.subarray((i * 28 + y) * 28, (i * 28 + y + 1) * 28), (i * 32 + y + 2) * 32 + 2);
  return large;
}

/** Checkpoints that are copied into memory. */
function memoryStore() {
  const all: StoredCheckpoint[] = [];
  return {
    async save(snapshot: Snapshot, step: number) {
      all.push({ name: `${all.length}`, step, snapshot: structuredClone(snapshot), damaged: [] });
      return `${all.length - 1}`;
    },
    latest: async () => all.at(-1),
    newest: async (count: number) => all.slice(-count).reverse(),
    best: async () => undefined,
  };
}
