import { reshape, type Scalar, type Tensor, type Tensor1D, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { positiveInteger, positiveNumber, share } from '../checks.js';
import { Sgd } from '../train/optimizers/sgd.js';
import { cosine } from '../train/schedules/cosine.js';
import type { Score } from '../train/score.js';
import { Trainer } from '../train/trainer.js';
import type { Rows } from './examples.js';
import type { Interruptible } from './k-nearest-neighbors.js';
import { RowBatches } from './row-batches.js';

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
  /** Scores [rows, classes] of a batch. */
  readonly scores: (x: Tensor2D) => Tensor2D;
  /** Mean loss of the scores, without penalties. */
  readonly loss: (scores: Tensor2D, labels: Tensor1D) => Scalar;
  /** Of the weights, added to the loss. */
  readonly penalties: () => Scalar[];
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
  return { epochs, batchSize, learningRate: positiveNumber(where, 'learningRate', learningRate), momentum };
}

/** Mini-batch gradient descent with momentum. */
export async function descend(
  { rows, labels, seed, ...net }: Descent,
  { epochs, batchSize, learningRate, momentum, signal }: ReturnType<typeof checkFitOptions> & Interruptible,
): Promise<FitResult> {
  const steps: Score[] = [];
  const optimizer = new Sgd({ learningRate, momentum });
  const trainer = new Trainer(
    { apply: (x: Tensor) => net.scores(reshape(x, [-1, rows.features])), variables: net.variables, penalties: net.penalties },
    {
      optimizer,
      loss: (scores, right) => net.loss(scores as Tensor2D, right as Tensor1D),
      schedule: cosine(),
      callbacks: [{ onStep: ({ loss, accuracy = NaN, count }) => void steps.push({ loss, accuracy, count }) }],
    },
  );
  try {
    const result = await trainer.fit(new RowBatches(rows, labels, batchSize, seed), { epochs, signal });
    return { steps, epochs: result.epochs.map(({ train }) => train) };
  } finally {
    trainer.dispose();
    optimizer.dispose();
  }
}
