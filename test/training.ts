/**
 * LeNet-5 on a small task made from a seed: the same in Node, in a browser, from sources and from the
 * tarball, so that their losses can be compared. tfjs and the package are handed in: the caller decides
 * which of them it is.
 */
import type * as core from '@tensorflow/tfjs-core';
import type { leNet5, softmaxCrossEntropy } from '../src/index.js';

/** What is trained with. */
export interface Trainer {
  tf: Pick<typeof core, 'tensor' | 'tidy' | 'train'>;
  leNet5: typeof leNet5;
  softmaxCrossEntropy: typeof softmaxCrossEntropy;
}

const BATCH = 32;
const SIZE = 28;

/** Trains on the current backend; returns the loss before each step. */
export function lossesOfLeNet5({ tf, leNet5, softmaxCrossEntropy }: Trainer, steps: number): number[] {
  const model = leNet5({ seed: 7 });
  const optimizer = tf.train.sgd(0.05);
  const random = numbers(42);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { images, labels } = batch(random);
    const loss = tf.tidy(() => {
      const x = tf.tensor(images, [BATCH, SIZE, SIZE, 1]);
      const y = tf.tensor(labels, [BATCH]);
      return optimizer.minimize(
        () => softmaxCrossEntropy(model.apply(x, { training: true }) as core.Tensor2D, y) as core.Scalar,
        true,
      )!;
    });
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
  }
  optimizer.dispose();
  model.dispose();
  return losses;
}

/** Ten classes of noisy pictures: a bright bar whose height tells the class. */
function batch(random: () => number): { images: Float32Array; labels: Float32Array } {
  const images = new Float32Array(BATCH * SIZE * SIZE).map(() => random() * 0.5);
  const labels = new Float32Array(BATCH).map(() => Math.floor(random() * 10));
  labels.forEach((label, b) => {
    for (let x = 0; x < SIZE; x++) {
      images[(b * SIZE + 4 + 2 * label) * SIZE + x]! += 0.5;
    }
  });
  return { images, labels };
}

/** Numbers in [0, 1), 24 bits each. Source: Numerical Recipes' quick linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
