import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

/** Mean loss and share of right answers over some pictures. */
export interface Score {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of right answers, in [0, 1]. */
  readonly accuracy: number;
  /** Number of pictures. */
  readonly count: number;
}

/**
 * Adds up losses and right answers of batches. Numbers are fetched when they are asked for, not at every
 * step, so that a GPU is not waited for.
 */
export class ScoreKeeper {
  private pending: { loss: Scalar; logits: Tensor2D; labels: Int32Array }[] = [];
  private loss = 0;
  private right = 0;
  private count = 0;

  /** @param onBatch called for every batch, in order, when its numbers are fetched */
  constructor(private readonly onBatch: (score: Score) => void = () => undefined) {}

  /**
   * Takes a batch's results and disposes them when they are read.
   *
   * @param loss   mean over the batch
   * @param labels copied
   */
  add(loss: Scalar, logits: Tensor2D, labels: Int32Array): void {
    this.pending.push({ loss, logits, labels: labels.slice() });
  }

  /** The score since the last `reset`. */
  async read(): Promise<Score> {
    const { pending } = this;
    this.pending = [];
    for (const { loss, logits, labels } of pending) {
      const [[meanLoss], scores] = await Promise.all([loss.data(), logits.data()]);
      const classes = logits.shape[1];
      let right = 0;
      labels.forEach((label, row) => {
        if (largest(scores as Float32Array, row * classes, classes) === label) right++;
      });
      this.loss += meanLoss * labels.length;
      this.right += right;
      this.count += labels.length;
      this.onBatch({ loss: meanLoss, accuracy: right / labels.length, count: labels.length });
      loss.dispose();
      logits.dispose();
    }
    return { loss: this.loss / this.count, accuracy: this.right / this.count, count: this.count };
  }

  /** Forgets everything, read or not. */
  reset(): void {
    for (const { loss, logits } of this.pending) {
      loss.dispose();
      logits.dispose();
    }
    this.pending = [];
    this.loss = 0;
    this.right = 0;
    this.count = 0;
  }
}

/** Place of the largest of `length` values from `begin` on; the first of equals. */
function largest(values: Float32Array, begin: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[begin + i] > values[begin + best]) best = i;
  return best;
}
