import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { TrainingBatch } from '../data/batch-source.js';
import { countRight } from './score.js';

/** What a batch gave. */
export interface BatchResult {
  readonly loss: number;
  /** Right answers. */
  readonly right: number;
  /** Pictures. */
  readonly count: number;
}

/** Numbers, or tensors that hold them. */
interface Pending<Facts> {
  readonly loss: Scalar;
  readonly output: Tensor;
  readonly batch: Pick<TrainingBatch, 'labels' | 'targets' | 'size'>;
  readonly facts: Facts;
}

/**
 * Fetches the results of steps, in order. On a GPU they are fetched when they are asked for, not at every step, so that nobody
 * waits for it.
 */
export class StepResults<Facts> {
  private pending: Pending<Facts>[] = [];

  /** @param onResult is given each batch's result, and what was said of it */
  constructor(private readonly onResult: (result: BatchResult, facts: Facts) => void | Promise<void>) {}

  /** Takes a batch's results; they are disposed when they are read. */
  add(loss: Scalar, output: Tensor, { labels, targets, size }: TrainingBatch, facts: Facts): void {
    this.pending.push({ loss, output, batch: { labels: labels.slice(), targets: targets?.slice(), size }, facts });
  }

  /** Waits for all that was added. */
  async read(): Promise<void> {
    const { pending } = this;
    this.pending = [];
    for (const [i, { loss, output, batch, facts }] of pending.entries()) {
      try {
        const [[value], scores] = await Promise.all([loss.data(), output.data()]);
        await this.onResult({ loss: value!, right: countRight(scores, batch), count: batch.size }, facts);
        loss.dispose();
        output.dispose();
      } catch (error) {
        drop(pending.slice(i));
        throw error;
      }
    }
  }

  /** Forgets what was not read. */
  dispose(): void {
    drop(this.pending);
    this.pending = [];
  }
}

function drop(pending: readonly { loss: Scalar; output: Tensor }[]): void {
  for (const { loss, output } of pending) {
    loss.dispose();
    output.dispose();
  }
}
