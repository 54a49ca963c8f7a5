import { dispose, type Scalar, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { onlyKnown } from '../checks.js';
import type { BatchSource } from '../data/batch-source.js';
import { breathing } from './breathe.js';
import { crossEntropy, type LossFunction } from './loss.js';
import { type Score, ScoreSum } from './score.js';
import { StepResults } from './step-results.js';
import { outputsOf, type Trainable } from './trainable.js';
import { tensorsOf } from './training-step.js';

/** Options of evaluate. */
export interface EvaluateOptions {
  /** Default: crossEntropy(). */
  readonly loss?: LossFunction;
  /** Ends the evaluation; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Batches whose results are fetched together. */
const BATCHES_TOGETHER = 16;

/**
 * Mean loss and share of right answers over all pictures of a data source, one pass over its epoch 0.
 *
 * @param net of a classifier: gives logits, [batch, classes], as its first output
 */
export async function evaluate(net: Trainable, data: BatchSource, options: EvaluateOptions = {}): Promise<Score> {
  const { loss = crossEntropy(), signal } = onlyKnown('evaluate', options, ['loss', 'signal']);
  const breathe = breathing();
  const sum = new ScoreSum();
  const results = new StepResults(({ loss: mean, right, count }) => sum.add(mean, right, count));
  let batches = 0;
  try {
    for await (const batch of data.epoch(0)) {
      const inputs = tensorsOf(batch);
      const [value, output] = tidy(() => {
        const [x, labels, weights] = inputs as [Tensor, Tensor, Tensor1D | undefined];
        const [y] = outputsOf(net, x, false);
        return [loss(y, labels, weights) as Scalar, y];
      });
      dispose(inputs);
      results.add(value as Scalar, output, batch, undefined);
      if (++batches % BATCHES_TOGETHER === 0) await results.read();
      await breathe();
      signal?.throwIfAborted();
    }
    await results.read();
    return sum.score;
  } finally {
    results.dispose();
  }
}
