import { join } from 'node:path';
import { Command, Option } from 'commander';
import { normalizationOf } from '../../data/normalization.js';
import { learningCurve } from '../../inspect/curve.js';
import { cosineDecay, stepDecay, warmUp } from '../../train/learning-rate.js';
import { createOptimizer, OPTIMIZERS, type OptimizerName } from '../../train/optimizer.js';
import { type EpochResult, type TrainResult, trainModel } from '../../train/train-loop.js';
import { useBackend } from '../backends.js';
import { addDataOptions, type DataOptions, describeData, readData } from '../data-options.js';
import { interruptible } from '../interrupt.js';
import { modelCard } from '../model-card.js';
import { netNamed } from '../nets.js';
import { backendOption, jsonOption, positiveInteger, positiveNumber, seedNumber } from '../options.js';
import { Output, percent } from '../output.js';
import { progressBar } from '../progress-bar.js';
import { prepareFolder, saveModel } from '../saved-model.js';

interface TrainCommandOptions extends DataOptions {
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  schedule: keyof typeof SCHEDULES;
  optimizer: OptimizerName;
  seed: number;
  backend: string;
  out?: string;
  json?: boolean;
}

const SCHEDULES = { cosine: warmUp(cosineDecay), step: warmUp(stepDecay) };

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a net, save the model with its card and learning curve')
    .argument('[model]', "a net that 'tfjs-cnn models' lists", 'lenet5');
  return addDataOptions(command)
    .option('--epochs <count>', 'passes over the training part (default: suits the net)', positiveInteger)
    .option('--batch-size <count>', 'pictures in a step (default: suits the net)', positiveInteger)
    .option('--learning-rate <rate>', 'at the first step (default: suits net and optimizer)', positiveNumber)
    .addOption(new Option('--schedule <name>', 'how the learning rate falls').choices(Object.keys(SCHEDULES)).default('cosine'))
    .addOption(new Option('--optimizer <name>', 'sgd has momentum 0.9').choices(OPTIMIZERS).default('sgd'))
    .option('--seed <number>', 'of weights, order of the pictures, splits', seedNumber, 1)
    .addOption(backendOption())
    .option('--out <folder>', 'where the model is saved (default: runs/<model>)')
    .addOption(jsonOption())
    .action((model: string, options: TrainCommandOptions) =>
      interruptible('Interrupted; nothing was saved.', (signal) => train(model, options, signal)),
    );
}

async function train(name: string, options: TrainCommandOptions, signal: AbortSignal): Promise<void> {
  const net = netNamed(name);
  const output = new Output(options.json === true);
  const say = (line: string) => output.say(line);
  const { epochs = net.epochs, batchSize = net.batchSize, optimizer, backend, seed, out = join('runs', name) } = options;
  const learningRate = options.learningRate ?? net.learningRates[optimizer];

  await prepareFolder(out);
  await useBackend(backend);
  const data = await readData(options, { size: net.pictureSize, channels: net.pictureChannels, seed }, say, signal);
  const { height, width, channels, classNames } = data.train;
  const normalization = normalizationOf(data.train);
  say(`data     ${describeData(data)}`);
  say(`training ${name} on ${backend}: ${epochs} epochs, batch size ${batchSize}, ${optimizer}, learning rate ${learningRate}`);

  const model = net.build({ inputShape: [height, width, channels], classes: classNames.length, seed });
  const bar = progressBar(epochs);
  let result: TrainResult;
  try {
    result = await trainModel(model, {
      ...data,
      normalization,
      epochs,
      batchSize,
      learningRate,
      optimizer: createOptimizer(optimizer, learningRate),
      schedule: SCHEDULES[options.schedule],
      seed,
      signal,
      onProgress: (progress) => bar.update(progress),
      onEpoch: (epoch) => bar.line(describeEpoch(epoch), say),
    });
  } finally {
    bar.stop();
  }

  const last = result.epochs[result.epochs.length - 1];
  const testAccuracy = last.test?.accuracy ?? NaN;
  const command = ['tfjs-cnn', ...process.argv.slice(2)].map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ');
  const tests = result.epochs.flatMap(({ test }) => (test ? [test] : []));
  const path = await saveModel(model, { ...normalization, height, width, channels: channels as 1 | 3, classNames }, out, {
    'card.md': modelCard({ name, command, backend, data, result }),
    'curve.svg': await learningCurve({ steps: result.steps, tests }, `${name}: ${data.train.sourceDescription}`),
  });
  say(`accuracy ${percent(testAccuracy)} of ${data.test.count} test pictures; ${Math.round(result.imagesPerSecond)} images/s`);
  say(`saved    ${path}`);
  output.result({
    testAccuracy,
    trainLoss: last.train.loss,
    imagesPerSecond: result.imagesPerSecond,
    seconds: result.seconds,
    backend,
    model: path,
  });
}

function describeEpoch({ epoch, train, test, seconds }: EpochResult): string {
  const tested = test ? `, test ${percent(test.accuracy)}` : '';
  return `epoch ${epoch}  loss ${train.loss.toFixed(4)}, accuracy ${percent(train.accuracy)}${tested}  (${seconds.toFixed(1)} s)`;
}
