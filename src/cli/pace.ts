import { Means, sparkline } from '../inspect/plot/sparkline.js';
import type { StepReport, TrainingStart } from '../train/callbacks/callback.js';
import type { LiveFacts } from './live-line.js';

/** Means of losses that are kept for the spark line. */
const MEANS = 64;
/** Seconds after which a step's speed counts for a third only: e^-1. */
const MEMORY = 5;

/** Speed and losses of a training so far. Times are in milliseconds. */
export class Pace {
  private readonly losses = new Means(MEANS);
  private readonly loss = new Smoothed();
  private readonly accuracy = new Smoothed();
  private rate = { pictures: 0, seconds: 0 };
  private last: number;

  constructor(
    private readonly start: Pick<TrainingStart, 'step' | 'steps' | 'epochs'>,
    private readonly begun: number,
  ) {
    this.last = begun;
  }

  /** Takes a step's results. */
  add({ loss, accuracy, count }: Pick<StepReport, 'loss' | 'accuracy' | 'count'>, now: number): void {
    const seconds = (now - this.last) / 1000;
    this.last = now;
    const kept = Math.exp(-seconds / MEMORY);
    this.rate = { pictures: this.rate.pictures * kept + count, seconds: this.rate.seconds * kept + seconds };
    this.losses.add(loss);
    this.loss.add(loss);
    if (accuracy !== undefined) this.accuracy.add(accuracy);
  }

  /** What is to be shown behind a step. */
  facts(step: number, epoch: number, now: number): LiveFacts {
    const { loss, accuracy, rate, begun, start } = this;
    return {
      epoch,
      epochs: start.epochs,
      done: step / start.steps,
      loss: loss.value,
      accuracy: accuracy.value,
      imagesPerSecond: rate.pictures / rate.seconds,
      // Tests and checkpoints count, too: they will come again.
      secondsLeft: ((now - begun) / 1000 / (step - start.step)) * (start.steps - step),
      spark: (width) => sparkline(this.losses.values.slice(-width)),
    };
  }
}

/** A mean of about the last 20: single batches jump too much to be read. */
class Smoothed {
  value = NaN;
  private weight = 0;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.weight = this.weight * 0.95 + 1;
    this.value = this.weight === 1 ? value : this.value + (value - this.value) / this.weight;
  }
}
