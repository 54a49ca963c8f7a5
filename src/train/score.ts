import { likeliest } from '../data/likeliest.js';

/** Mean loss and share of right answers over some pictures. */
export interface Score {
  /** Mean loss; cross-entropy is in nats. */
  readonly loss: number;
  /** Share of right answers, in [0, 1]: the largest of the net's outputs is the picture's class. NaN where there are no classes. */
  readonly accuracy: number;
  /** Number of pictures. */
  readonly count: number;
}

/** What checkpoints are compared by, the higher the better: the accuracy or, where there are no classes, minus the loss. */
export function rankOf({ accuracy, loss }: Score): number {
  return Number.isNaN(accuracy) ? -loss : accuracy;
}

/** Adds up batches' losses and right answers. */
export class ScoreSum {
  private loss = 0;
  private right = 0;
  private count = 0;

  /** @param loss the batch's mean */
  add(loss: number, right: number, count: number): void {
    this.loss += loss * count;
    this.right += right;
    this.count += count;
  }

  /** The score of all batches so far. */
  get score(): Score {
    return { loss: this.loss / this.count, accuracy: this.right / this.count, count: this.count };
  }

  /** What must be kept to go on adding to the same bits. */
  state(): ScoreState {
    return { loss: this.loss, right: this.right, count: this.count };
  }

  /** Goes on from there. */
  static from({ loss, right, count }: ScoreState): ScoreSum {
    return Object.assign(new ScoreSum(), { loss, right, count });
  }
}

/** Sums, plain JSON. */
export interface ScoreState {
  readonly loss: number;
  readonly right: number;
  readonly count: number;
}

/**
 * Rows whose largest output is the class that is wanted, of mixed pictures the one with the largest share.
 *
 * @param outputs [rows, classes]
 * @returns       NaN where the outputs are no scores of classes
 */
export function countRight(
  outputs: ArrayLike<number>,
  { labels, targets, size }: { labels: Int32Array; targets?: Float32Array; size: number },
): number {
  const classes = outputs.length / size;
  if (!Number.isInteger(classes) || classes < 2) return NaN;
  let right = 0;
  for (let row = 0; row < size; row++) {
    const wanted = targets ? likeliest(targets, row * classes, classes) : labels[row];
    if (likeliest(outputs, row * classes, classes) === wanted) right++;
  }
  return right;
}
