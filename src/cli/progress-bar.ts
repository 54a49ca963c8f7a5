import { SingleBar } from 'cli-progress';
import type { StepReport, TrainerCallback } from '../train/callbacks/callback.js';

/** A bar on stderr while a net trains; nothing where stderr is no terminal. */
export interface ProgressBar extends TrainerCallback {
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
  let steps = 0;
  let since = 0;
  let pictures = 0;
  return {
    onBegin(start) {
      steps = start.steps;
      since = performance.now();
    },
    onStep({ step, epoch, loss, accuracy = NaN, count }: StepReport) {
      pictures += count;
      const rate = Math.round((1000 * pictures) / (performance.now() - since));
      const payload = { epoch, loss: loss.toFixed(4), accuracy: accuracy.toFixed(4), rate };
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
