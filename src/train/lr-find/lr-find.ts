import { onlyKnown, positiveInteger, positiveNumber, refuse } from '../../checks.js';
import type { BatchSource, TrainingBatch } from '../../data/batch-source.js';
import { rateCurve } from '../../inspect/plot/rate-curve.js';
import { crossEntropy, expectLogits, type LossFunction } from '../loss.js';
import type { CnnOptimizer } from '../optimizers/cnn-optimizer.js';
import { remember } from '../remember.js';
import type { Trainable } from '../trainable.js';
import { takeStep, tensorsOf } from '../training-step.js';
import { type SuggestedRates, type Sweep, suggestedRates } from './suggestions.js';

/** Options of lrFind. */
export interface LrFindOptions {
  /** The one that will train: rates are found for it, and for the batch size of the data. It is left as it was. */
  readonly optimizer: CnnOptimizer;
  /** Default: crossEntropy(). */
  readonly loss?: LossFunction;
  /** The first rate; default 1e-7. */
  readonly startLr?: number;
  /** The last rate; default 10. */
  readonly endLr?: number;
  /** Steps of the sweep; default 100. */
  readonly steps?: number;
  /** Ends the sweep; its reason is thrown. */
  readonly signal?: AbortSignal;
}

const OPTIONS: readonly (keyof LrFindOptions)[] = ['optimizer', 'loss', 'startLr', 'endLr', 'steps', 'signal'];

/** What lrFind found. */
export interface LrFindResult extends Sweep {
  /** The suggested rate: `suggestions.valley`. */
  readonly suggestion: number;
  /** By three rules. */
  readonly suggestions: SuggestedRates;
  /** Draws losses over learning rates, with the suggestions: an SVG document. */
  svg(title?: string): Promise<string>;
}

/** Weight of the losses so far in the smoothed one (fastai's). */
const SMOOTHING = 0.98;
/** The sweep ends where the smoothed loss is so many times the smallest. */
const DIVERGENCE = 4;

/**
 * Finds a learning rate: trains for some steps while the rate grows from very small to very large,
 *
 *     rate(i) = startLr (endLr / startLr)^(i / (steps - 1))
 *
 * and looks where the loss falls. It ends where the loss has grown to 4 times its smallest value. Then weights, moving statistics,
 * counters of random numbers and the optimizer are put back, to the bit.
 *
 *     const { suggestion } = await lrFind(model, data, { optimizer });
 *     optimizer.setLearningRate(suggestion);
 *
 * Losses are smoothed: their exponential average, weight 0.98, divided by 1 - 0.98^(i + 1) as it begins with 0.
 * Source: Smith: Cyclical learning rates (2017), section 3.3; fastai's lr_find.
 *
 * @param net  a classifier that gives logits, unless another loss is given
 * @param data is read from its first epoch on, as often as steps ask for
 * @throws ArgumentError for rates or steps that make no sense, data without pictures, or a loss that is no number in the first two steps
 */
export async function lrFind(net: Trainable, data: BatchSource, options: LrFindOptions): Promise<LrFindResult> {
  const { optimizer, loss, startLr = 1e-7, endLr = 10, steps = 100, signal } = onlyKnown('lrFind', options, OPTIONS);
  if (!loss) expectLogits('lrFind', net);
  positiveNumber('lrFind', 'startLr', startLr);
  positiveNumber('lrFind', 'endLr', endLr);
  if (endLr <= startLr) refuse('lrFind', 'endLr', `above startLr, ${startLr}`, endLr);
  if (positiveInteger('lrFind', 'steps', steps) < 2) refuse('lrFind', 'steps', '2 or more', steps);
  if (data.count === 0) refuse('lrFind', 'data', 'a source with pictures', data.count);

  const parts = { net, optimizer, loss: loss ?? crossEntropy() };
  const putBack = remember(net, optimizer);
  try {
    const sweep = await takeSweep(data, { startLr, endLr, steps, signal }, async (batch, rate) => {
      optimizer.setLearningRate(rate);
      const inputs = tensorsOf(batch);
      const [value, output] = takeStep(parts, inputs);
      const [number] = await value.data();
      for (const tensor of [...inputs, value, output]) tensor.dispose();
      return number!;
    });
    if (sweep.losses.length < 2) refuse('lrFind', 'startLr', 'so small that two steps give a finite loss', startLr);
    const suggestions = suggestedRates(sweep, steps);
    return { ...sweep, suggestions, suggestion: suggestions.valley, svg: (title) => rateCurve(sweep, suggestions, title) };
  } finally {
    putBack();
  }
}

/** @param lossOf takes a step with the rate; gives the loss before it */
async function takeSweep(
  data: BatchSource,
  { startLr, endLr, steps, signal }: Required<Pick<LrFindOptions, 'startLr' | 'endLr' | 'steps'>> & { signal?: AbortSignal },
  lossOf: (batch: TrainingBatch, rate: number) => Promise<number>,
): Promise<Sweep> {
  const learningRates: number[] = [];
  const losses: number[] = [];
  let average = 0;
  let best = Infinity;
  for await (const batch of endless(data)) {
    signal?.throwIfAborted();
    const step = losses.length;
    const rate = startLr * (endLr / startLr) ** (step / (steps - 1));
    average = SMOOTHING * average + (1 - SMOOTHING) * (await lossOf(batch, rate));
    const smoothed = average / (1 - SMOOTHING ** (step + 1));
    if (!Number.isFinite(smoothed)) break;
    learningRates.push(rate);
    losses.push(smoothed);
    best = Math.min(best, smoothed);
    if (smoothed > DIVERGENCE * best || losses.length === steps) break;
  }
  return { learningRates, losses };
}

async function* endless(data: BatchSource): AsyncGenerator<TrainingBatch> {
  for (let epoch = 0; ; epoch++) yield* data.epoch(epoch);
}
