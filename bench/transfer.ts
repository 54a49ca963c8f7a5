/**
 * Transfer learning on hymenoptera (244 pictures of ants and bees, 153 to validate) from SqueezeNet 1.1 of ImageNet: what an epoch of the
 * new head costs, and how long it takes to how good a net. Needs the real data; without them the suite is left out.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  AdamW,
  FeatureSource,
  fineTune,
  freezeUntil,
  fromPretrained,
  modelInput,
  replaceHead,
  splitFrozen,
  Trainer,
  unfreeze,
} from 'tfjs-cnn';
import { CenterCrop, RandomHorizontalFlip } from 'tfjs-cnn/augment';
import { DataLoader, openImageFolder, type TrainingBatch } from 'tfjs-cnn/data/node';
import { ways } from './backends.js';
import { type Contestant, measure, type Timing, timing } from './measure.js';
import { type Row, row } from './table.js';

const SHARED = process.env['TFJS_CNN_TEST_DATA'] ?? resolve('../shared/data');
const PICTURES = join(SHARED, 'hymenoptera');
const WEIGHTS = join(SHARED, 'pretrained/imagenet-squeezenet11-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
const BATCH = 16;
/** Of test/hymenoptera.test.ts, whose recipe this is. */
const SEED = 4;
const HEAD_EPOCHS = 60;

async function net(): Promise<tfl.LayersModel> {
  return replaceHead(await fromPretrained('squeezenet', WEIGHTS), { classes: 2, seed: SEED });
}

/** The middle of the pictures; for training, flipped at random where it is asked for. */
function loadersFor(model: tfl.LayersModel, flipped = false): { train: DataLoader; test: DataLoader } {
  const { train, test } = openImageFolder(PICTURES, { height: 256, width: 256 });
  const middle = new CenterCrop({ size: 224 });
  const common = { batchSize: BATCH, normalization: modelInput(model)!, workers: 1 };
  const transforms = flipped ? [middle, new RandomHorizontalFlip()] : [middle];
  return {
    train: new DataLoader(train, { ...common, shuffle: true, seed: SEED, transforms }),
    test: new DataLoader(test, { ...common, transforms: [middle] }),
  };
}

/** SqueezeNet 1.1 of tfjs's own layers with a new head; for its speed alone, so its weights are what they are. */
function stockNet(): tfl.LayersModel {
  const { conv2d, maxPooling2d, concatenate, globalAveragePooling2d, dense } = tfl.layers;
  const input = tfl.input({ shape: [224, 224, 3] });
  const conv = (x: tfl.SymbolicTensor, filters: number, kernelSize: number, strides = 1) =>
    conv2d({ filters, kernelSize, strides, padding: strides > 1 ? 'valid' : 'same', activation: 'relu', trainable: false }).apply(
      x,
    ) as tfl.SymbolicTensor;
  let x = conv(input, 64, 3, 2);
  for (const module of ['pool', 16, 16, 'pool', 32, 32, 'pool', 48, 48, 64, 64] as const) {
    if (module === 'pool') x = maxPooling2d({ poolSize: 3, strides: 2 }).apply(x) as tfl.SymbolicTensor;
    else {
      const squeezed = conv(x, module, 1);
      x = concatenate().apply([conv(squeezed, 4 * module, 1), conv(squeezed, 4 * module, 3)]) as tfl.SymbolicTensor;
    }
  }
  const features = globalAveragePooling2d({}).apply(x) as tfl.SymbolicTensor;
  return tfl.model({ inputs: input, outputs: dense({ units: 2 }).apply(features) as tfl.SymbolicTensor });
}

/** A step of the stock head, all before it frozen. */
function stockStep(): Contestant {
  let step: (() => Promise<void>) | undefined;
  return {
    name: 'stock tf.layers on cpu',
    async before() {
      await ways.stockCpu.use();
      if (step) return;
      const model = stockNet();
      const optimizer = tf.train.adam(1e-3);
      const [x, labels] = [tf.randomUniform([BATCH, 224, 224, 3]), tf.oneHot(tf.zeros([BATCH], 'int32'), 2)];
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      step = async () => {
        const loss = () => tf.losses.softmaxCrossEntropy(labels, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar;
        const value = optimizer.minimize(loss, true, variables)!;
        await value.data();
        value.dispose();
      };
    },
    run: () => step!(),
  };
}

/** An epoch of the new head, four ways. */
async function epochs(): Promise<Timing[]> {
  await ways.wasmCnn.use();
  const [frozen, whole] = [await net(), await net()];
  freezeUntil(frozen, 'head');
  unfreeze(whole);
  const { prefix, rest } = splitFrozen(frozen)!;
  const { train } = loadersFor(frozen);
  const way = (name: string, model: tfl.LayersModel, data: DataLoader | FeatureSource): Contestant => {
    const trainer = new Trainer(model, { optimizer: new AdamW({ learningRate: 1e-4 }) });
    return { name, before: ways.wasmCnn.use, run: async () => void (await trainer.fit(data, { epochs: 1 })) };
  };
  return measure(
    [
      way('features kept', rest, new FeatureSource(loadersFor(frozen).train, prefix)),
      way('frozen, off the tape', rest, new FeatureSource(train, prefix, { cache: false })),
      way('frozen, on the tape', frozen, train),
      way('nothing frozen', whole, train),
    ],
    { rounds: 3, warmUp: 1 },
  );
}

async function all(batches: AsyncIterable<TrainingBatch>): Promise<{ x: tf.Tensor; labels: Int32Array }> {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  for await (const batch of batches) {
    rows.push(batch.images.slice());
    labels.push(...batch.labels);
  }
  const values = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const features of rows) {
    values.set(features, at);
    at += features.length;
  }
  return { x: tf.tensor(values, [labels.length, values.length / labels.length]), labels: Int32Array.from(labels) };
}

/** The head alone, from the files to the end: ours, and stock tfjs's `fit` on the same features, which its cpu backend would compute. */
async function accuracies(step: Timing): Promise<Timing[]> {
  await ways.wasmCnn.use();
  const begin = performance.now();
  const model = await net();
  const recipe = { freezeEpochs: 0, frozenUntil: 'head', baseLr: 4e-3, weightDecay: 10, augmentedEpochs: 4 };
  const flipped = loadersFor(model, true);
  const { epochs: reports } = await fineTune(model, flipped.train, { ...recipe, epochs: HEAD_EPOCHS, test: flipped.test });
  const ours = performance.now() - begin;
  const right = reports.at(-1)!.test!.accuracy;

  const { prefix } = splitFrozen(model)!;
  const { train, test } = loadersFor(model);
  const [features, tested] = [new FeatureSource(train, prefix), new FeatureSource(test, prefix)];
  const [learn, judge] = [await all(features.epoch(0)), await all(tested.epoch(0))];
  await features.close();
  await tested.close();
  const [xs, tests] = [learn, judge].map(({ x }) => ({ values: x.dataSync(), shape: x.shape }));
  await ways.stockCpu.use();
  const head = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, activation: 'softmax', inputShape: [xs!.shape[1]!] })] });
  head.compile({ optimizer: tf.train.adam(2e-3), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const since = performance.now();
  await head.fit(tf.tensor(xs!.values, xs!.shape), tf.tensor1d(learn.labels, 'float32'), {
    epochs: HEAD_EPOCHS,
    batchSize: BATCH,
    verbose: 0,
  });
  const fitting = performance.now() - since;
  const [, accuracy] = head.evaluate(tf.tensor(tests!.values, tests!.shape), tf.tensor1d(judge.labels, 'float32')) as tf.Scalar[];
  const pictures = learn.labels.length + judge.labels.length;
  const name = (who: string, share: number) => `${who}: ${(100 * share).toFixed(1)} % of ${judge.labels.length}`;
  return [
    timing(name('wasm-cnn', right), [ours]),
    timing(`${name('stock tf.layers on cpu', accuracy!.dataSync()[0]!)}; features extrapolated from steps of ${BATCH}`, [
      fitting + (step.median * pictures) / BATCH,
    ]),
  ];
}

/** An epoch with the frozen part on the tape, off it, and kept; then the way to an accuracy, beside stock tfjs. */
export async function transferLearning(): Promise<Row[]> {
  if (!existsSync(PICTURES) || !existsSync(WEIGHTS)) return [row(`left out: ${SHARED} has not the data`, [])];
  const ours = await epochs();
  const [step] = await measure([stockStep()], { rounds: 1, warmUp: 1 });
  const count = 244 / BATCH;
  const extrapolated = timing(`${step!.name}, frozen, on the tape (${count} times a step)`, [step!.median * count]);
  return [
    row('SqueezeNet 1.1, an epoch of the new head, 244 pictures of 224 x 224', ours),
    row(
      'the same',
      [ours[0]!, extrapolated].map((each) => timing(each.name, [each.median])),
    ),
    row(`${HEAD_EPOCHS} epochs of the head, from the files on`, await accuracies(step!)),
  ];
}
