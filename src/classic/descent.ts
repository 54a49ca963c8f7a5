import { keep, type Scalar, type Tensor1D, type Tensor2D, tensor1d, tensor2d, tidy, type Variable } from '@tensorflow/tfjs-core';
import { positiveInteger, share } from '../checks.js';
import { mixSeeds, randomPermutation } from '../random.js';
import { breathing } from '../train/breathe.js';
import { checkLearningRate, cosineDecay } from '../train/learning-rate.js';
import { MomentumSgd } from '../train/momentum-sgd.js';
import { type Score, ScoreKeeper } from '../train/score.js';
import { DivergedError } from '../train/train-loop.js';
import { type Rows, sliceRows } from './examples.js';
import type { Interruptible } from './k-nearest-neighbors.js';

/** Options of fit. */
export interface FitOptions extends Interruptible {
  /** Passes over the examples; default 10. */
  epochs?: number;
  /** Examples a step; default 100. The last step of an epoch may have fewer. */
  batchSize?: number;
  /** At the first step; it falls to 0 along half a cosine. Default: suits the classifier and the size of the examples. */
  learningRate?: number;
  /** Share of a step that goes into the next, in [0, 1); default 0.9. */
  momentum?: number;
}

/** How a classifier learnt. */
export interface FitResult {
  /** Every step's batch, the penalty on the weights included. */
  readonly steps: readonly Score[];
  /** Every epoch, while the weights changed. */
  readonly epochs: readonly Score[];
}

/** What descends. */
interface Descent {
  readonly rows: Rows;
  readonly labels: Int32Array;
  readonly variables: Variable[];
  /** Scores and loss of a batch. */
  readonly judge: (x: Tensor2D, labels: Tensor1D) => { scores: Tensor2D; loss: Scalar };
  /** Of the examples' order, another one every epoch. */
  readonly seed: number;
}

/** The options with their defaults; what makes no sense is refused. */
export function checkFitOptions(
  where: string,
  options: FitOptions,
  usualLearningRate: number,
): Required<Omit<FitOptions, 'signal'>> {
  const { epochs = 10, batchSize = 100, learningRate = usualLearningRate, momentum = 0.9 } = options;
  for (const [name, value] of Object.entries({ epochs, batchSize })) positiveInteger(where, name, value);
  share(where, 'momentum', momentum);
  return { epochs, batchSize, learningRate: checkLearningRate(learningRate), momentum };
}

/** Mini-batch gradient descent with momentum. */
export async function descend(descent: Descent, options: ReturnType<typeof checkFitOptions> & Interruptible): Promise<FitResult> {
  const { epochs, batchSize, learningRate, momentum, signal } = options;
  const { count } = descent.rows;
  const optimizer = new MomentumSgd(learningRate, momentum);
  const curve: { steps: Score[]; epochs: Score[] } = { steps: [], epochs: [] };
  const keeper = new ScoreKeeper((score) => curve.steps.push(score));
  const stepsInAll = epochs * Math.ceil(count / batchSize);
  const breathe = breathing();
  let step = 0;
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = randomPermutation(count, mixSeeds(descent.seed, epoch));
      for (let begin = 0; begin < count; begin += batchSize) {
        optimizer.setLearningRate(learningRate * cosineDecay(step++ / stepsInAll));
        takeStep(descent, order.subarray(begin, begin + batchSize), optimizer, keeper);
        await breathe();
        signal?.throwIfAborted();
      }
      const score = await keeper.read();
      if (!Number.isFinite(score.loss)) {
        throw new DivergedError(`the loss is ${score.loss} after ${step} steps; a lower learning rate may help`);
      }
      curve.epochs.push(score);
      keeper.reset();
    }
  } finally {
    keeper.reset();
    optimizer.dispose();
  }
  return curve;
}

function takeStep(
  { rows, labels, variables, judge }: Descent,
  places: Int32Array,
  optimizer: MomentumSgd,
  keeper: ScoreKeeper,
): void {
  const { features } = rows;
  const batch = new Float32Array(places.length * features);
  places.forEach((place, i) => void batch.set(sliceRows(rows, place, place + 1), i * features));
  const right = Int32Array.from(places, (place) => labels[place]!);
  tidy(() => {
    const x = tensor2d(batch, [places.length, features]);
    const y = tensor1d(Float32Array.from(right));
    let scores: Tensor2D | undefined;
    const loss = optimizer.minimize(
      () => {
        const judged = judge(x, y);
        scores = keep(judged.scores);
        return judged.loss;
      },
      true,
      variables,
    ) as Scalar;
    keeper.add(keep(loss), scores as unknown as Tensor2D, right);
  });
}
