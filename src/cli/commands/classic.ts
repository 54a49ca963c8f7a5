import type { Tensor2D } from '@tensorflow/tfjs-core';
import { Command, Option } from 'commander';
import {
  type FitOptions,
  type GradientClassifier,
  KNearestNeighbors,
  type Labels,
  LinearSvm,
  Pca,
  type Preprocessing,
  pixelRows,
  SoftmaxRegression,
  Standardizer,
  TwoLayerNet,
} from '../../classic/index.js';
import { useBackend } from '../backends.js';
import { addDataOptions, type DataOptions, describeData, readData } from '../data-options.js';
import { interruptible } from '../interrupt.js';
import { backendOption, jsonOption, positiveInteger, positiveNumber, seedNumber } from '../options.js';
import { Output, percent } from '../output.js';

interface ClassicOptions extends DataOptions {
  k: number;
  metric: 'l1' | 'l2';
  hidden: number;
  epochs: number;
  batchSize: number;
  regularization: number;
  preprocessing: keyof typeof PREPROCESSING;
  components?: number;
  seed: number;
  backend: string;
  json?: boolean;
}

/** What is fitted on the training part, by name. */
const PREPROCESSING = {
  none: () => undefined,
  mean: () => new Standardizer({ deviation: false }),
  standardize: () => new Standardizer(),
  pca: (components?: number) => new Pca({ components }),
  whiten: (components?: number) => new Pca({ components, whiten: true, epsilon: 1e-2 }),
} satisfies Record<string, (components?: number) => Preprocessing | undefined>;

/** Pictures as the classifiers see them. */
interface Part {
  x: Tensor2D;
  labels: Labels;
}

/** What a classifier reaches on the test part after learning from the training part. */
interface Contestant {
  name: string;
  accuracyOf(train: Part, test: Part): Promise<number>;
}

export function classicCommand(): Command {
  const command = new Command('classic').description(
    'fit the classical classifiers, nearest neighbours to a two-layer net, on the same data',
  );
  return addDataOptions(command)
    .option('--k <count>', 'neighbours that vote', positiveInteger, 3)
    .addOption(new Option('--metric <name>', 'distance of neighbours').choices(['l1', 'l2']).default('l2'))
    .option('--hidden <units>', 'hidden units of the two-layer net', positiveInteger, 100)
    .option('--epochs <count>', 'passes over the training part', positiveInteger, 5)
    .option('--batch-size <count>', 'pictures in a step', positiveInteger, 100)
    .option('--regularization <factor>', 'of the sum of squared weights in the loss', positiveNumber, 1e-4)
    .addOption(
      new Option('--preprocessing <name>', 'fitted on the training part').choices(Object.keys(PREPROCESSING)).default('mean'),
    )
    .option('--components <count>', 'kept by pca and whiten: a number of them, or a share of the variance', positiveNumber)
    .option('--seed <number>', 'of weights, order of the pictures, splits', seedNumber, 1)
    .addOption(backendOption())
    .addOption(jsonOption())
    .action((options: ClassicOptions) => interruptible('Interrupted.', (signal) => compare(options, signal)));
}

async function compare(options: ClassicOptions, signal: AbortSignal): Promise<void> {
  const output = new Output(options.json === true);
  const say = (line: string) => output.say(line);
  await useBackend(options.backend);
  const data = await readData(options, { size: 32, channels: 3, seed: options.seed }, say, signal);
  say(`data     ${describeData(data)}`);

  const train: Part = { x: pixelRows(data.train), labels: data.train.labels };
  const test: Part = { x: pixelRows(data.test), labels: data.test.labels };
  const features = await preprocess(options, train, test);
  say(`features ${features}, preprocessing ${options.preprocessing}\n`);
  say('classifier               accuracy    seconds');
  const results = [];
  for (const { name, accuracyOf } of contestants(options, signal)) {
    const begin = performance.now();
    const accuracy = await accuracyOf(train, test);
    const seconds = (performance.now() - begin) / 1000;
    say(`${name.padEnd(24)} ${percent(accuracy).padStart(8)} ${seconds.toFixed(1).padStart(10)}`);
    results.push({ classifier: name, accuracy, seconds });
  }
  output.result({ results, features, preprocessing: options.preprocessing, backend: options.backend });
}

/** Fits the preprocessing on the training part and applies it to both; returns how many features are left. */
async function preprocess(options: ClassicOptions, train: Part, test: Part): Promise<number> {
  const preprocessing: Preprocessing | undefined = PREPROCESSING[options.preprocessing](options.components);
  if (preprocessing) {
    await preprocessing.fit(train.x);
    for (const part of [train, test]) {
      const raw = part.x;
      part.x = preprocessing.transform(raw);
      raw.dispose();
    }
  }
  return train.x.shape[1];
}

function contestants(options: ClassicOptions, signal: AbortSignal): Contestant[] {
  const { k, metric, hidden, epochs, batchSize, regularization, seed } = options;
  const learner = (name: string, classifier: GradientClassifier): Contestant => ({
    name,
    async accuracyOf(train, test) {
      const how: FitOptions = { epochs, batchSize, signal };
      await classifier.fit(train.x, train.labels, how);
      return (await classifier.evaluate(test.x, test.labels)).accuracy;
    },
  });
  const neighbors: Contestant = {
    name: `${k} nearest (${metric})`,
    async accuracyOf(train, test) {
      const classifier = new KNearestNeighbors({ k, metric });
      await classifier.fit(train.x, train.labels);
      return (await classifier.evaluate(test.x, test.labels, { signal })).accuracy;
    },
  };
  return [
    neighbors,
    learner('linear SVM', new LinearSvm({ regularization, seed })),
    learner('softmax regression', new SoftmaxRegression({ regularization, seed })),
    learner(`two-layer net (${hidden})`, new TwoLayerNet({ hidden, regularization, seed })),
  ];
}
