import { SingleBar } from 'cli-progress';
import type { TrainerCallback } from '../train/callbacks/callback.js';
import { liveLine } from './live-line.js';
import { Pace } from './pace.js';

/** A line on a terminal while a net trains. */
export interface LiveView extends TrainerCallback {
  /** Writes a line of others above it. */
  line(text: string, write: (line: string) => void): void;
  /** Takes it away; steps bring it back. */
  stop(): void;
}

/** Rewritten so often at most, per second. */
const FPS = 10;
/**
 * Shows how a training goes: progress, loss with its spark line, accuracy, images per second and the time left, in one line that is
 * rewritten at most 10 times a second and fits the terminal's width. Nothing is written where the stream is no terminal.
 *
 * @param stream default: stderr
 */
export function liveView(stream: NodeJS.WriteStream = process.stderr): LiveView {
  const bar = new SingleBar({
    stream,
    fps: FPS,
    format: (_options, _params, payload: { text?: () => string }) => payload.text?.() ?? '',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
    emptyOnZero: true,
  });
  let shown = false;
  let hiddenAt = -Infinity;
  let steps = 0;
  let pace: Pace | undefined;
  const hide = () => {
    if (!shown) return;
    shown = false;
    hiddenAt = performance.now();
    bar.stop();
  };
  return {
    onBegin(start) {
      steps = start.steps;
      pace = new Pace(start, performance.now());
    },
    onStep(report) {
      const { step, epoch } = report;
      const now = performance.now();
      pace!.add(report, now);
      const facts = pace!.facts(step, epoch, now);
      const payload = { text: () => liveLine(facts, stream.columns || 80) };
      if (shown) bar.update(step, payload);
      // Behind a line of others it does not come back at once, so that many lines bring no flicker.
      else if (stream.isTTY && now - hiddenAt > 1000 / FPS) {
        bar.start(steps, step, payload);
        shown = true;
      }
    },
    onEnd: hide,
    line(text, write) {
      hide();
      write(text);
    },
    stop: hide,
  };
}
