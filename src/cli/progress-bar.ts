import { SingleBar } from 'cli-progress';
import type { TrainProgress } from '../train/train-loop.js';

/** A bar on stderr while a net trains; nothing where stderr is no terminal. */
export interface ProgressBar {
  update(progress: TrainProgress): void;
  /** Writes a line above the bar. */
  line(text: string, write: (line: string) => void): void;
  stop(): void;
}

export function progressBar(epochs: number): ProgressBar {
  const bar = new SingleBar({
    format: `{epoch}/${epochs} {bar} {percentage}%  loss {loss}  accuracy {accuracy}  {rate} images/s  {eta_formatted} left`,
    barCompleteChar: '\u2588',
    barIncompleteChar: '\u2591',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
  });
  let started = false;
  return {
    update({ step, steps, epoch, train, imagesPerSecond }) {
      const payload = {
        epoch,
        loss: train.loss.toFixed(4),
        accuracy: train.accuracy.toFixed(4),
        rate: Math.round(imagesPerSecond),
      };
      if (started) bar.update(step, payload);
      else bar.start(steps, step, payload);
      started = true;
    },
    line(text, write) {
      if (started) bar.stop();
      started = false;
      write(text);
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}
