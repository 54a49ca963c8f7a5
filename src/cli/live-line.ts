/** What is known of a training at a moment. */
export interface LiveFacts {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Share of all steps, in [0, 1]. */
  readonly done: number;
  /** Of the last steps. */
  readonly loss: number;
  /** Of the last steps; NaN where there is none. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** The losses so far, in so many letters at most. */
  spark(width: number): string;
}

/** Letters of the bar, and of the spark line, where there is room. */
const BAR = 24;
const SPARK = 24;
/** With fewer letters they say nothing. */
const LEAST = 8;

/**
 * The line for a terminal of so many columns: never as wide as it, since some terminals wrap in their last column. Where there is not
 * room for all, the bar goes first, then the spark line, speed, accuracy, time left and the epoch.
 */
export function liveLine(facts: LiveFacts, columns: number): string {
  const { epoch, epochs, done, loss, accuracy, imagesPerSecond, secondsLeft } = facts;
  const room = columns - 1;
  const texts = [
    { text: `${Math.floor(100 * done)}%`, rank: 0 },
    { text: `epoch ${epoch}/${epochs}`, rank: 2 },
    { text: `loss ${shortNumber(loss)}`, rank: 1 },
    { text: Number.isNaN(accuracy) ? '' : `accuracy ${accuracy.toFixed(3)}`, rank: 4 },
    { text: Number.isFinite(imagesPerSecond) ? `${Math.round(imagesPerSecond)} images/s` : '', rank: 5 },
    { text: Number.isFinite(secondsLeft) ? `${duration(secondsLeft)} left` : '', rank: 3 },
  ].filter(({ text }) => text !== '');
  const wide = (parts: readonly { text: string }[]) => parts.reduce((sum, { text }) => sum + text.length + 2, -2);
  let parts = texts;
  while (parts.length > 1 && wide(parts) > room) {
    const last = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== last);
  }
  const free = room - wide(parts) - 2;
  const sparkWidth = Math.min(SPARK, free);
  const barWidth = Math.min(BAR, free - sparkWidth - 2);
  const spark = parts.length === texts.length && sparkWidth >= LEAST ? facts.spark(sparkWidth) : '';
  const words = parts.flatMap(({ text }) => (spark && text.startsWith('loss ') ? [text, spark] : [text]));
  return [...(barWidth >= LEAST ? [bar(done, barWidth)] : []), ...words].join('  ').slice(0, Math.max(0, room));
}

function bar(done: number, width: number): string {
  const full = Math.min(width, Math.max(0, Math.round(done * width)));
  return '\u2588'.repeat(full) + '\u2591'.repeat(width - full);
}

/** Four digits, whatever the size: losses may be 1e-5 or 1e30. */
function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e4) ? value.toExponential(2) : value.toPrecision(4);
}

/** 75 becomes '1:15', 3723 '1:02:03'. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
