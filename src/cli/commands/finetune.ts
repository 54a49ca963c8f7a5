import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command } from 'commander';
import { DataLoader } from '../../data/data-loader.js';
import type { DatasetSplit } from '../../data/dataset.js';
import type { PictureSource } from '../../data/loader/picture-source.js';
import { type Normalization, normalizationOfPictures } from '../../data/normalization.js';
import { ArgumentError } from '../../geometry.js';
import { learningCurve } from '../../inspect/curve.js';
import { classify } from '../../inspect/metrics/classify.js';
import { confusionMatrix, formatConfusionMatrix } from '../../inspect/metrics/confusion-matrix.js';
import { confusionPicture } from '../../inspect/metrics/confusion-picture.js';
import { type FineTuneOptions, type FineTuneResult, fineTune } from '../../transfer/fine-tune/fine-tune.js';
import { AUGMENTATIONS, augmentationList, augmentations } from '../augmentation.js';
import { useBackend } from '../backends.js';
import { addDataOptions, type DataOptions, describeData } from '../data-options.js';
import { readFineTuningData } from '../fine-tuning-data.js';
import { foundRate } from '../found-rate.js';
import { interruptible } from '../interrupt.js';
import { liveView } from '../live-view.js';
import { modelCard } from '../model-card.js';
import { nonNegativeNumber, positiveInteger, positiveNumber, wholeNumber } from '../options.js';
import { Output, percent } from '../output.js';
import { pictureShape, prepareFolder, saveModel } from '../saved-model.js';
import { startingNet } from '../starting-net.js';
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

interface FinetuneOptions extends DataOptions, TrainingOptions {
  data: string;
  model: string;
  weights?: string;
  epochs: number;
  freezeEpochs: number;
  freeze?: string;
  learningRate?: number;
  lrMult?: number;
  layerDecay?: number;
  gradual?: boolean;
  weightDecay?: number;
  batchSize: number;
  augment: string;
  augmentedEpochs?: number;
  cacheMb?: number;
  lrFind?: boolean;
}

export function finetuneCommand(): Command {
  const command = new Command('finetune').description(
    'train a net that knows other pictures on yours; save it with its card, learning curve and confusion matrix',
  );
  addDataOptions(command)
    .option(
      '--model <net>',
      "a net that 'tfjs-cnn models' lists, 'auto' for what the weights are of, or a saved model's folder",
      'auto',
    )
    .option('--weights <file>', 'of the net: PyTorch, safetensors, Keras, ... or an address')
    .option('--epochs <count>', 'passes over the training part once more than the head learns', wholeNumber, 5)
    .option('--freeze-epochs <count>', 'passes before, of the head alone', wholeNumber, 1)
    .option('--freeze <layer>', "a layer, stage or share before which nothing ever learns; 'head': all but the classifier")
    .option('--learning-rate <rate>', "the head's highest (default: 2e-3)", positiveNumber)
    .option('--lr-find', 'sweep over learning rates first, draw lr-find.svg, and take what it suggests')
    .option('--lr-mult <factor>', 'how many times slower the first layers learn (default: 100)', positiveNumber)
    .option('--layer-decay <factor>', 'instead: how many times as fast each layer learns as the one behind it', positiveNumber)
    .option('--gradual', 'unfreeze one group of layers after the other')
    .option('--weight-decay <factor>', 'of AdamW (default: 0.01)', nonNegativeNumber)
    .option('--batch-size <count>', 'pictures in a step', positiveInteger, 16)
    .option(
      '--augment <list>',
      `${AUGMENTATIONS.join(', ')}: with commas between them, resizedCrop:0.35,flip say`,
      augmentationList,
      'none',
    )
    .option('--augmented-epochs <count>', 'keep the features of so many epochs of changed pictures', positiveInteger)
    .option(
      '--cache-mb <size>',
      'memory for features of frozen layers; what is over goes to the disk (default: 256)',
      nonNegativeNumber,
    );
  return addTrainingOptions(command, 'the new head', 'runs/finetune').action((options: FinetuneOptions) =>
    interruptible(interruptionOf(options), (signal) => finetune(options, signal)),
  );
}

async function finetune(options: FinetuneOptions, signal: AbortSignal): Promise<void> {
  if (!options.data) throw new ArgumentError('--data must name the folder of your pictures');
  const output = new Output(options.json === true);
  const say = (line: string) => output.say(line);
  const { backend, seed, out = join('runs', 'finetune') } = options;
  await prepareFolder(out);
  await useBackend(backend);
  const start = await startingNet(options);
  const data = await readFineTuningData(options, start.size, say, signal);
  const { classNames } = data.train;
  const { model, input } = await start.build(classNames);
  const { height, width, channels } = pictureShape(model);
  const normalization = input ?? (await normalizationOfPictures(data.train));
  say(`data     ${describeData(data)}`);
  say(`net      ${start.name} on ${backend}: ${model.countParams().toLocaleString('en-US')} parameters`);
  if (!input)
    say(
      'nothing is known of the pictures that the weights were trained on; these are normalised by their own mean and deviation',
    );

  const loaders = loadersOf(data, normalization, options);
  try {
    const rate = options.lrFind ? await foundRate(model, loaders.train, out, say, signal) : undefined;
    const result = await tuned(model, loaders, { ...options, learningRate: options.learningRate ?? rate }, say, signal);
    const { labels, predictions } = await classify(model, loaders.test, { signal });
    const matrix = confusionMatrix(labels, predictions, classNames.length);
    const last = result.epochs.at(-1)!;
    const path = await saveModel(model, { ...normalization, height, width, channels, classNames }, out, {
      'card.md': modelCard({
        name: start.name,
        command: typedCommand(),
        backend,
        seed,
        data,
        result,
        more: phasesAsText(result),
      }),
      'curve.svg': await learningCurve(result, `${start.name}: ${data.train.sourceDescription}`),
      'confusion.svg': confusionPicture(matrix, { classNames, title: `${start.name}: ${data.test.sourceDescription}` }),
    });
    say(formatConfusionMatrix(matrix, classNames));
    say(`accuracy ${percent(last.test!.accuracy)} of ${last.test!.count} test pictures`);
    say(`saved    ${path}`);
    output.result({
      testAccuracy: last.test!.accuracy,
      trainLoss: last.train.loss,
      steps: result.losses.length,
      seconds: result.seconds,
      learningRate: options.learningRate ?? rate,
      confusion: matrix,
      backend,
      model: path,
    });
  } finally {
    await loaders.train.close();
    await loaders.test.close();
  }
}

interface Loaders {
  readonly train: DataLoader;
  readonly test: DataLoader;
}

function loadersOf(data: DatasetSplit<PictureSource>, normalization: Normalization, options: FinetuneOptions): Loaders {
  const { batchSize, seed, workers, augment } = options;
  const { height, width } = data.train;
  const changes = augmentations(augment, height!, width!);
  return {
    train: new DataLoader(data.train, { batchSize, seed, shuffle: true, ...changes, normalization, workers }),
    test: new DataLoader(data.test, { batchSize, normalization, workers }),
  };
}

/** Tunes, with a bar and a line an epoch. */
async function tuned(
  model: LayersModel,
  { train, test }: Loaders,
  options: FinetuneOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<FineTuneResult> {
  const { checkpoint, resume, log } = options;
  // Each phase is a training of its own; the first one's checkpoints are there from the first minute on.
  const stores = await Promise.all(
    [...Array(MOST_PHASES).keys()].map((phase) =>
      checkpoint === undefined ? undefined : openCheckpoints(join(checkpoint, `phase-${phase + 1}`), resume === true),
    ),
  );
  const bar = liveView();
  try {
    return await fineTune(model, train, {
      ...recipeOf(options),
      test,
      signal,
      callbacks: (phase) => [
        bar,
        { onBegin: (start) => tellResumed(start, say) },
        { onEpoch: (epoch) => bar.line(`phase ${phase + 1}  ${describeEpoch(epoch)}`, say) },
        ...logs(log, `phase-${phase + 1}`),
      ],
      ...(checkpoint !== undefined && { checkpoints: (phase: number) => ({ store: stores[phase]! }) }),
    });
  } finally {
    bar.stop();
  }
}

/** Head, two groups one after the other. */
const MOST_PHASES = 3;

function recipeOf(options: FinetuneOptions): FineTuneOptions {
  const { epochs, freezeEpochs, learningRate, lrMult, layerDecay, gradual, weightDecay, augmentedEpochs, cacheMb, freeze } =
    options;
  const share = freeze === undefined || freeze.trim() === '' ? NaN : Number(freeze);
  const given = {
    frozenUntil: Number.isNaN(share) ? freeze : share,
    baseLr: learningRate,
    lrMult,
    layerDecay,
    gradual,
    weightDecay,
    augmentedEpochs,
    cacheBytes: cacheMb === undefined ? undefined : cacheMb * 2 ** 20,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return { epochs, freezeEpochs, ...Object.fromEntries(entries) };
}

function phasesAsText({ phases }: FineTuneResult): string[] {
  return phases.map(({ name, report, frozenAfter, result }, i) => {
    const frozen = frozenAfter ? `, run forward only up to ${frozenAfter}` : '';
    return `Phase ${i + 1}, ${name}: ${result.epochs.length} epochs, ${report.trainable.toLocaleString('en-US')} parameters learn${frozen}`;
  });
}
