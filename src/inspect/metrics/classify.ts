import { dispose, softmax, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { refuse } from '../../checks.js';
import type { BatchSource } from '../../data/batch-source.js';
import { likeliest } from '../../data/likeliest.js';
import { breathing } from '../../train/breathe.js';
import { endsInSoftmax, outputsOf, type Trainable } from '../../train/trainable.js';
import { tensorsOf } from '../../train/training-step.js';

/** What a net says to every picture of a data source, in the source's order. */
export interface Predictions {
  /** [pictures, classes] */
  readonly probabilities: Float32Array;
  /** The likeliest class of every picture, the first of equals [pictures]. */
  readonly predictions: Int32Array;
  /** The class that every picture is of [pictures]. */
  readonly labels: Int32Array;
  /** Every picture's place in its dataset [pictures]. */
  readonly places: Int32Array;
  /** Names of the classes, as the data have them. */
  readonly classNames: readonly string[];
}

/**
 * Shows all pictures of a data source to a net once; metrics are made of what comes out:
 *
 *     const { probabilities, predictions, labels, places, classNames } = await classify(model, test);
 *     confusionMatrix(labels, predictions, classNames.length);
 *     topLosses(probabilities, labels, { places });
 *
 * Memory: a batch, and 4 bytes for each class of each picture.
 *
 * @param net  a classifier whose first output is [batch, classes]: logits, or probabilities where a model ends in softmax
 * @param data its epoch 0 is read
 * @throws ArgumentError where the output is another; the signal's reason
 */
export async function classify(
  net: Trainable,
  data: BatchSource,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Predictions> {
  const breathe = breathing();
  const normalized = endsInSoftmax(net);
  const labels = new Int32Array(data.count);
  const places = new Int32Array(data.count);
  const predictions = new Int32Array(data.count);
  let probabilities = new Float32Array(0);
  let classes = 0;
  let done = 0;
  for await (const batch of data.epoch(0)) {
    signal?.throwIfAborted();
    const inputs = tensorsOf(batch);
    const output = tidy(() => {
      const [y] = outputsOf(net, inputs[0]!, false);
      if (y.rank !== 2 || y.shape[1]! < 2) refuse('classify', "the net's output", '[batch, classes]', y.shape);
      return normalized ? y.clone() : (softmax(y) as Tensor);
    });
    dispose(inputs);
    const values = await output.data();
    if (done === 0) {
      classes = output.shape[1]!;
      probabilities = new Float32Array(data.count * classes);
    }
    output.dispose();
    probabilities.set(values, done * classes);
    labels.set(batch.labels.subarray(0, batch.size), done);
    places.set(batch.places.subarray(0, batch.size), done);
    done += batch.size;
    await breathe();
  }
  for (let i = 0; i < done; i++) predictions[i] = likeliest(probabilities, i * classes, classes);
  return { probabilities, predictions, labels, places, classNames: data.classNames };
}
