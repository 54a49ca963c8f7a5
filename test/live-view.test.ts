/** The line on a terminal while a net trains. */
import { Writable } from 'node:stream';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type LiveFacts, liveLine } from '../src/cli/live-line.js';
import { liveView } from '../src/cli/live-view.js';
import { Pace } from '../src/cli/pace.js';
import { Means, sparkline } from '../src/inspect/plot/sparkline.js';
import type { TrainingStart } from '../src/train/index.js';

/** A terminal that understands what cli-progress says to one. */
class Screen extends Writable {
  readonly lines: string[] = [''];
  /** Widest line there ever was. */
  widest = 0;
  renderings = 0;
  cursorHidden = false;
  written = '';
  private row = 0;
  private column = 0;
  private saved: [number, number] = [0, 0];

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.written += chunk;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's commands begin with one
    for (const [part, command, number, letter] of chunk.matchAll(/\x1b([78])|\x1b\[\??(\d*)(?:;\d+)?([a-zA-Z])|\n|[^\x1b\n]+/g)) {
      if (part === '\n') this.put(++this.row, 0);
      else if (command === '7') this.saved = [this.row, this.column];
      else if (command === '8') this.put(...this.saved);
      else if (letter === 'G') this.column = Number(number || 1) - 1;
      else if (letter === 'K') this.clear(number);
      else if (letter === 'l' || letter === 'h') this.cursorHidden = number === '25' ? letter === 'l' : this.cursorHidden;
      else if (letter === undefined) this.print(part);
      else if (letter !== 'A' && letter !== 'B') throw new Error(`unknown: ${JSON.stringify(part)}`);
    }
    done();
  }

  private put(row: number, column: number): void {
    this.row = row;
    this.column = column;
    while (this.lines.length <= row) this.lines.push('');
  }

  private clear(side: string | undefined): void {
    const line = this.lines[this.row]!;
    this.lines[this.row] = side === '2' ? '' : line.slice(0, this.column);
  }

  private print(text: string): void {
    this.renderings++;
    const line = this.lines[this.row]!.padEnd(this.column);
    this.lines[this.row] = line.slice(0, this.column) + text + line.slice(this.column + text.length);
    this.column += text.length;
    this.widest = Math.max(this.widest, this.column);
  }
}

const start = (step = 0): TrainingStart => ({
  model: { apply: (x: Tensor) => x, variables: [] },
  epochs: 2,
  steps: 100,
  step,
  epochsDone: [],
  count: 500,
  batchSize: 10,
});
const step = (at: number, loss = 2 / at) => ({ step: at, epoch: 1, loss, accuracy: 0.5, count: 10, learningRate: 0.1 });

describe('on a terminal', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1e9 }));
  afterEach(() => void jest.useRealTimers());

  const terminal = (columns: number, isTTY = true) => {
    const screen = new Screen(isTTY, columns);
    return { screen, view: liveView(screen as unknown as NodeJS.WriteStream) };
  };

  test('progress, loss and its spark line, accuracy, speed and time left', () => {
    const { screen, view } = terminal(140);
    view.onBegin?.(start());
    for (let i = 1; i <= 50; i++) {
      jest.advanceTimersByTime(200);
      void view.onStep?.(step(i));
    }
    jest.advanceTimersByTime(300);
    const line = screen.lines.join('\n');
    expect(line).toMatch(
      /^█{12}░{12} {2}50% {2}epoch 1\/2 {2}loss 0\.\d{4,5} {2}[▁▂▃▄▅▆▇█]+ {2}accuracy 0\.500 {2}50 images\/s {2}0:10 left$/,
    );
    expect(screen.cursorHidden).toBe(true);
    view.stop();
    expect(screen.lines.join('')).toBe('');
    expect(screen.cursorHidden).toBe(false);
  });

  test('is rewritten at most 10 times a second, however fast steps come', () => {
    const { screen, view } = terminal(100);
    view.onBegin?.(start());
    for (let i = 1; i <= 100; i++) {
      jest.advanceTimersByTime(10);
      void view.onStep?.(step(i));
    }
    expect(screen.renderings).toBeGreaterThan(3);
    expect(screen.renderings).toBeLessThanOrEqual(11);
    view.stop();
  });

  test('lines of others stand above it', () => {
    const { screen, view } = terminal(100);
    view.onBegin?.(start());
    for (let i = 1; i <= 30; i++) {
      jest.advanceTimersByTime(100);
      void view.onStep?.(step(i));
      if (i % 10 === 0) view.line(`epoch ${i / 10}`, (line) => screen.write(`${line}\n`));
    }
    jest.advanceTimersByTime(200);
    void view.onStep?.(step(31));
    expect(screen.lines.slice(0, 3)).toEqual(['epoch 1', 'epoch 2', 'epoch 3']);
    expect(screen.lines[3]).toContain('31%');
    void view.onEnd?.();
    expect(screen.lines.slice(3)).toEqual(['']);
  });

  test.each([10, 20, 40, 60, 80, 120, 300])('%d columns are enough', (columns) => {
    const { screen, view } = terminal(columns);
    view.onBegin?.(start());
    for (let i = 1; i <= 20; i++) {
      jest.advanceTimersByTime(150);
      void view.onStep?.(step(i));
    }
    view.stop();
    expect(screen.widest).toBeGreaterThan(0);
    expect(screen.widest).toBeLessThan(columns);
  });

  test('nothing is written to what is no terminal, but lines of others are', () => {
    const { screen, view } = terminal(80, false);
    view.onBegin?.(start());
    for (let i = 1; i <= 20; i++) {
      jest.advanceTimersByTime(150);
      void view.onStep?.(step(i));
    }
    const lines: string[] = [];
    view.line('epoch 1', (line) => lines.push(line));
    view.stop();
    expect(screen.written).toBe('');
    expect(lines).toEqual(['epoch 1']);
  });
});

describe('its parts', () => {
  const facts: LiveFacts = {
    epoch: 3,
    epochs: 20,
    done: 0.256,
    loss: 1.23456,
    accuracy: 0.5,
    imagesPerSecond: 1234.5,
    secondsLeft: 3723,
    spark: (width) => '▁'.repeat(width),
  };

  test('what has no room goes in order: bar, spark line, speed, accuracy, time, epoch, loss', () => {
    expect(liveLine(facts, 60)).toBe('25%  epoch 3/20  loss 1.235  accuracy 0.500  1:02:03 left');
    expect(liveLine(facts, 50)).toBe('25%  epoch 3/20  loss 1.235  1:02:03 left');
    expect(liveLine(facts, 30)).toBe('25%  epoch 3/20  loss 1.235');
    expect(liveLine(facts, 20)).toBe('25%  loss 1.235');
    expect(liveLine(facts, 10)).toBe('25%');
    expect(liveLine(facts, 2)).toBe('2');
    for (let columns = 1; columns < 200; columns++) expect(liveLine(facts, columns).length).toBeLessThan(columns);
  });

  test('numbers of any size, and such that are not there', () => {
    const odd = { ...facts, loss: 1.5e-7, accuracy: NaN, imagesPerSecond: NaN, secondsLeft: Infinity };
    expect(liveLine(odd, 30)).toBe('25%  epoch 3/20  loss 1.50e-7');
    expect(liveLine({ ...odd, loss: Infinity }, 30)).toContain('loss Infinity');
  });

  test('a spark line runs from the smallest to the largest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([7, NaN, 0, Infinity])).toBe('█ ▁ ');
    expect(sparkline([5, 5])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  test('a long row in few means', () => {
    const means = new Means(8);
    for (let i = 0; i < 1000; i++) means.add(i);
    const { values } = means;
    expect(values.length).toBeGreaterThanOrEqual(4);
    expect(values.length).toBeLessThan(8);
    // 1000 numbers in stretches of 128 or 256: the first is the mean of the first stretch.
    expect([63.5, 127.5]).toContain(values[0]);
    values.slice(1).forEach((value, i) => expect(value - values[i]!).toBe(values[0]! * 2 + 1));
  });

  test('time left counts from where training went on', () => {
    const pace = new Pace(start(60), 0);
    pace.add(step(61), 1000);
    expect(pace.facts(61, 2, 1000).secondsLeft).toBe(39);
    expect(pace.facts(61, 2, 1000).imagesPerSecond).toBe(10);
  });
});
