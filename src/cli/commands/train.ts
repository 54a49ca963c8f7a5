import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command, Option } from 'commander';
import { DataLoader } from '../../data/data-loader.js';
import type { DatasetSplit } from '../../data/dataset.js';
import { type Normalization, normalizationOf } from '../../data/normalization.js';
import { learningCurve } from '../../inspect/curve.js';
import type { CheckpointStore } from '../../train/checkpoints/checkpoint-store.js';
import { crossEntropy } from '../../train/loss.js';
import { createOptimizer, OPTIMIZERS } from '../../train/optimizers/create-optimizer.js';
import { Trainer, type TrainResult } from '../../train/trainer.js';
import { AUGMENTATIONS, augmentationList, augmentations } from '../augmentation.js';
import { useBackend } from '../backends.js';
import { addDataOptions, type DataOptions, describeData, readData } from '../data-options.js';
import { interruptible } from '../interrupt.js';
import { liveView } from '../live-view.js';
import { modelCard } from '../model-card.js';
import { netNamed, type Recipe } from '../nets.js';
import { nonNegativeNumber, positiveInteger, positiveNumber, share } from '../options.js';
import { Output, percent } from '../output.js';
import { prepareFolder, saveModel } from '../saved-model.js';
import { SCHEDULES } from '../schedules.js';
import { beginWith } from '../starting-net.js';
import {
  addTrainingOptions,
  describeEpoch,
  interruptionOf,
  logs,
  openCheckpoints,
  type TrainingOptions,
  tellResumed,
  typedCommand,
} from '../training.js';

interface TrainCommandOptions extends DataOptions, TrainingOptions, Partial<Recipe> {
  weights?: string;
  labelSmoothing?: number;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a net, save the model with its card and learning curve')
    .argument('[model]', "a net that 'tfjs-cnn models' lists", 'lenet5');
  addDataOptions(command)
    .option('--weights <model>', "begin with those of a saved model or of one of this package's own nets (default: drawn)")
    .option('--epochs <count>', 'passes over the training part (default: suits the net)', positiveInteger)
    .option('--batch-size <count>', 'pictures in a step (default: suits the net)', positiveInteger)
    .option('--learning-rate <rate>', "the schedule's highest (default: suits net and optimizer)", positiveNumber)
    .addOption(
      new Option('--schedule <name>', 'how the learning rate moves (default: suits the net)').choices(Object.keys(SCHEDULES)),
    )
    .addOption(new Option('--optimizer <name>', "sgd has Nesterov's momentum 0.9 (default: sgd)").choices(OPTIMIZERS))
    .option('--weight-decay <factor>', 'default: suits the net', nonNegativeNumber)
    .option('--label-smoothing <share>', 'part of each label that goes to all classes', share)
    .option(
      '--augment <list>',
      `${AUGMENTATIONS.join(', ')}: with commas between them, crop:4,flip say (default: suits the net)`,
      augmentationList,
    );
  return addTrainingOptions(command, 'weights', 'runs/<model>').action((model: string, options: TrainCommandOptions) =>
    interruptible(interruptionOf(options), (signal) => train(model, options, signal)),
  );
}

async function train(name: string, options: TrainCommandOptions, signal: AbortSignal): Promise<void> {
  const net = netNamed(name);
  const output = new Output(options.json === true);
  const say = (line: string) => output.say(line);
  const { backend, seed, checkpoint, out = join('runs', name) } = options;
  const recipe = recipeOf(net.recipe, options);

  await prepareFolder(out);
  const store = checkpoint === undefined ? undefined : await openCheckpoints(checkpoint, options.resume === true);
  await useBackend(backend);
  const data = await readData(options, { size: net.pictureSize, channels: net.pictureChannels, seed }, say, signal);
  const { height, width, channels, classNames } = data.train;
  const normalization = normalizationOf(data.train);
  say(`data     ${describeData(data)}`);
  say(`training ${name} on ${backend}: ${describeRecipe(recipe)}`);

  const model = net.build({ inputShape: [height, width, channels], classes: classNames.length, seed });
  if (options.weights !== undefined) await beginWith(model, options.weights);
  const result = await run(model, data, recipe, { ...options, normalization, store, say, signal });

  const last = result.epochs[result.epochs.length - 1]!;
  const testAccuracy = last.test?.accuracy ?? NaN;
  const path = await saveModel(model, { ...normalization, height, width, channels: channels as 1 | 3, classNames }, out, {
    'card.md': modelCard({ name, command: typedCommand(), backend, seed, data, result }),
    'curve.svg': await learningCurve(result, `${name}: ${data.train.sourceDescription}`),
  });
  say(`accuracy ${percent(testAccuracy)} of ${data.test.count} test pictures; ${Math.round(result.imagesPerSecond)} images/s`);
  say(`saved    ${path}`);
  output.result({
    testAccuracy,
    trainLoss: last.train.loss,
    steps: result.losses.length,
    imagesPerSecond: result.imagesPerSecond,
    seconds: result.seconds,
    backend,
    model: path,
    resumedFrom: result.resumedFrom,
  });
}

/** What a run has besides net, data and recipe. */
interface RunOptions extends Pick<TrainCommandOptions, 'seed' | 'workers' | 'labelSmoothing' | 'log'> {
  readonly normalization: Normalization;
  readonly store: CheckpointStore | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Trains, with a bar and a line an epoch. */
async function run(model: LayersModel, data: DatasetSplit, recipe: Recipe, options: RunOptions): Promise<TrainResult> {
  const { epochs, batchSize, optimizer: optimizerName, learningRate, weightDecay, schedule, augment } = recipe;
  const { seed, workers, labelSmoothing, log, normalization, store, say, signal } = options;
  const changes = augmentations(augment, data.train.height, data.train.width);
  const loader = new DataLoader(data.train, { batchSize, seed, shuffle: true, ...changes, normalization, workers });
  const test = new DataLoader(data.test, { batchSize: 250, normalization });
  const optimizer = createOptimizer(optimizerName, {
    learningRate,
    weightDecay,
    ...(optimizerName === 'sgd' && { momentum: 0.9, nesterov: true }),
  });
  const bar = liveView();
  const trainer = new Trainer(model, {
    optimizer,
    loss: crossEntropy({ labelSmoothing }),
    schedule: SCHEDULES[schedule](epochs * loader.batchesPerEpoch),
    callbacks: [
      bar,
      { onBegin: (start) => tellResumed(start, say) },
      { onEpoch: (epoch) => bar.line(describeEpoch(epoch), say) },
      ...logs(log),
    ],
    ...(store && { checkpoints: { store } }),
  });
  try {
    return await trainer.fit(loader, { epochs, test, signal });
  } finally {
    bar.stop();
    await loader.close();
    trainer.dispose();
    optimizer.dispose();
  }
}

/** Recipes are written for one optimizer; the rates of the others are of another size. */
const ADAM_RATE = 1e-3;

/** The net's, with those of its numbers that the command line gives. */
function recipeOf(usual: Recipe, options: TrainCommandOptions): Recipe {
  const { epochs, batchSize, optimizer, weightDecay, schedule, augment } = options;
  const given = Object.entries({ epochs, batchSize, optimizer, weightDecay, schedule, augment });
  const recipe: Recipe = { ...usual, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
  const learningRate = options.learningRate ?? (recipe.optimizer === usual.optimizer ? usual.learningRate : ADAM_RATE);
  return { ...recipe, learningRate };
}

function describeRecipe({ epochs, batchSize, optimizer, learningRate, weightDecay, schedule, augment }: Recipe): string {
  return (
    `${epochs} epochs, batch size ${batchSize}, ${optimizer}, learning rate ${learningRate}, weight decay ${weightDecay}, ` +
    `schedule ${schedule}, augmentation ${augment}`
  );
}
