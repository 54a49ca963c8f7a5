import { type Scalar, type Tensor2D, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batches } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Normalization } from '../data/normalization.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { breathing } from './breathe.js';
import { type Score, ScoreKeeper } from './score.js';

/** Options of evaluate. */
export interface EvaluateOptions {
  /** The one the model was trained with. */
  readonly normalization: Normalization;
  /** Default 250. */
  readonly batchSize?: number;
  /** Ends the evaluation; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Cross-entropy and accuracy of a model over a data set.
 *
 * @param model gives logits, [batch, classes], as its first output
 */
export async function evaluate(model: LayersModel, dataset: ImageDataset, options: EvaluateOptions): Promise<Score> {
  const { normalization, batchSize = 250, signal } = options;
  const breathe = breathing();
  const keeper = new ScoreKeeper();
  try {
    for (const batch of batches(dataset, { batchSize, normalization })) {
      const [loss, logits] = tidy(() => {
        const x = tensor4d(batch.images, [batch.size, dataset.height, dataset.width, dataset.channels]);
        const [y] = [model.apply(x, { training: false })].flat() as [Tensor2D];
        return [softmaxCrossEntropy(y, tensor1d(Float32Array.from(batch.labels))) as Scalar, y];
      });
      keeper.add(loss, logits, batch.labels);
      await breathe();
      signal?.throwIfAborted();
    }
    return await keeper.read();
  } finally {
    keeper.reset();
  }
}
