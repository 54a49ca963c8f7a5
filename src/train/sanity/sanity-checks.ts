import { addN, dispose, type Scalar, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { onlyKnown, positiveInteger, refuse } from '../../checks.js';
import type { BatchSource } from '../../data/batch-source.js';
import { leavesOf } from '../../layers/leaves.js';
import { breathing } from '../breathe.js';
import { crossEntropy, expectLogits } from '../loss.js';
import { Adam } from '../optimizers/adam.js';
import type { CnnOptimizer } from '../optimizers/cnn-optimizer.js';
import { remember } from '../remember.js';
import { outputsOf, penaltiesOf, type Trainable, trainedVariables } from '../trainable.js';
import { checkInitialLoss, checkOverfitting, checkRegularisation, type SanityReport } from './sanity-report.js';

/** Options of sanityChecks. */
export interface SanityCheckOptions {
  /** What learns by heart; it is left as it was. Default: Adam, with its learning rate of 0.001. */
  readonly optimizer?: CnnOptimizer;
  /** How many pictures are to be learnt by heart; default 20. */
  readonly pictures?: number;
  /** How many steps that may take; default 500. */
  readonly steps?: number;
  /** Ends the checks; its reason is thrown. */
  readonly signal?: AbortSignal;
}

const OPTIONS: readonly (keyof SanityCheckOptions)[] = ['optimizer', 'pictures', 'steps', 'signal'];

/** Part of the loss of chance that counts as zero. */
const ZERO = 0.01;

/**
 * What is worth trying before a long training of a fresh classifier:
 *
 * - initial loss: about ln(classes), the cross-entropy of chance, on the first pictures.
 * - regularisation: penalties of weights raise the loss. Of nets with penalties only.
 * - overfitting: without penalties and dropout, the loss of a few pictures can be brought to zero.
 *
 * The net is left as it was, to the bit.
 *
 *     const { passed, checks } = await sanityChecks(net, data);
 *     for (const { message } of checks) console.log(message);
 *
 * Source: CS231n notes, neural-networks-3, "Before learning: sanity checks".
 *
 * @param net  gives logits; not trained yet
 * @param data its epoch 0 gives the pictures: shuffled ones; of mixed ones the label is taken
 * @throws ArgumentError for a model that ends in softmax, or data without pictures
 */
export async function sanityChecks(net: Trainable, data: BatchSource, options: SanityCheckOptions = {}): Promise<SanityReport> {
  const { pictures = 20, steps = 500, signal, optimizer } = onlyKnown('sanityChecks', options, OPTIONS);
  expectLogits('sanityChecks', net);
  positiveInteger('sanityChecks', 'pictures', pictures);
  positiveInteger('sanityChecks', 'steps', steps);
  if (data.count === 0) refuse('sanityChecks', 'data', 'a source with pictures', data.count);
  const inputs = await firstPictures(data, pictures);
  const putBack = remember(net, optimizer);
  const learner = optimizer ?? new Adam();
  try {
    const [initial, penalty, classes] = initialLoss(net, inputs);
    const chance = Math.log(classes);
    const dropouts = withoutDropout(net);
    try {
      const learnt = await learnByHeart(net, inputs, { optimizer: learner, steps, enough: ZERO * chance, signal });
      const checks = [
        checkInitialLoss(initial, classes),
        ...(penalty === undefined ? [] : [checkRegularisation(initial, penalty)]),
        checkOverfitting(learnt, ZERO * chance, inputs[0]!.shape[0]!),
      ];
      return { passed: checks.every(({ passed }) => passed), checks };
    } finally {
      dropouts();
    }
  } finally {
    putBack();
    dispose([...inputs]);
    if (!optimizer) learner.dispose();
  }
}

/** Pictures and labels; fewer where the data have fewer. */
async function firstPictures(data: BatchSource, count: number): Promise<[Tensor, Tensor]> {
  const wanted = Math.min(count, data.count);
  const [height, width, channels] = data.shape;
  const size = height * width * channels;
  const images = new Float32Array(wanted * size);
  const labels = new Float32Array(wanted);
  let taken = 0;
  for await (const batch of data.epoch(0)) {
    const part = Math.min(batch.size, wanted - taken);
    images.set(batch.images.subarray(0, part * size), taken * size);
    labels.set(batch.labels.subarray(0, part), taken);
    taken += part;
    if (taken === wanted) break;
  }
  return [tensor(images, [wanted, height, width, channels]), tensor(labels)];
}

/** The loss without penalties, the penalties where there are any, and the number of classes. */
function initialLoss(net: Trainable, [x, labels]: readonly [Tensor, Tensor]): [number, number | undefined, number] {
  return tidy(() => {
    const [output] = outputsOf(net, x, true);
    const [loss] = crossEntropy()(output, labels).dataSync();
    const penalties = penaltiesOf(net);
    const [penalty] = penalties.length > 0 ? addN(penalties).dataSync() : [];
    return [loss!, penalty, output.shape.at(-1)!];
  });
}

interface Lesson {
  readonly optimizer: CnnOptimizer;
  readonly steps: number;
  /** The loss at which it ends. */
  readonly enough: number;
  readonly signal?: AbortSignal;
}

/** The last loss, and the steps taken before it. */
async function learnByHeart(
  net: Trainable,
  [x, labels]: readonly [Tensor, Tensor],
  { optimizer, steps, enough, signal }: Lesson,
): Promise<{ loss: number; steps: number }> {
  const breathe = breathing();
  const loss = crossEntropy();
  const variables = trainedVariables(net);
  for (let step = 0; ; step++) {
    signal?.throwIfAborted();
    const value = optimizer.minimize(() => loss(outputsOf(net, x, true)[0], labels), true, variables) as Scalar;
    const [now] = await value.data();
    value.dispose();
    if (!(now! > enough) || step === steps) return { loss: now!, steps: step };
    await breathe();
  }
}

/** Lets dropout pass everything; the function that is returned puts the rates back. Both kinds ask for theirs at every batch. */
function withoutDropout(net: Trainable): () => void {
  if (!(net instanceof LayersModel)) return () => undefined;
  const dropouts = leavesOf(net).filter((layer) => ['CnnDropout', 'Dropout'].includes(layer.getClassName())) as unknown as {
    rate: number;
  }[];
  const rates = dropouts.map(({ rate }) => rate);
  for (const layer of dropouts) layer.rate = 0;
  return () => {
    dropouts.forEach((layer, i) => {
      layer.rate = rates[i]!;
    });
  };
}
