/** Callbacks: logs as JSON lines, history, early stopping, layers watched; in the trainer and in tfjs-layers' own fit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader, normalizationOf, syntheticDigits } from '../src/data/index.js';
import { layers, leNet5 } from '../src/index.js';
import { AppendFile } from '../src/train/callbacks/append-file-node.js';
import {
  asFitCallback,
  type EpochReport,
  earlyStopping,
  evaluate,
  fit as fitNet,
  history,
  jsonLinesLog,
  type LayerReport,
  type Score,
  Sgd,
  Trainer,
  type TrainerCallback,
  type TrainingStart,
  WeightAverage,
  watchLayers,
} from '../src/train/node.js';

let folder: string;
let path: string;
beforeAll(() => tf.setBackend('wasm-cnn'));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-log-'));
  path = join(folder, 'deep/log.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (step: number, epochsDone: EpochReport[] = []): TrainingStart => ({
  model: { apply: (x: tf.Tensor) => x, variables: [] },
  epochs: 2,
  steps: 20,
  step,
  epochsDone,
  count: 10,
  batchSize: 1,
});
const step = (at: number, loss = 1) => ({ step: at, epoch: 1, loss, accuracy: 0.5, count: 1, learningRate: 0.1 });
const epoch = (number: number, testLoss = 1, metrics = {}): EpochReport => ({
  epoch: number,
  step: 10 * number,
  train: { loss: 1, accuracy: 0.5, count: 10 },
  test: { loss: testLoss, accuracy: 1 / (1 + testLoss), count: 5 },
  learningRate: 0.1,
  seconds: 2,
  waitedSeconds: 0.5,
  metrics,
});
const lines = () =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const stepsIn = (kind: string) => lines().flatMap((line) => (line['kind'] === kind ? line['step'] : []));

async function logged(from: number, to: number, callback: TrainerCallback = jsonLinesLog(path)): Promise<void> {
  await callback.onBegin?.(start(from));
  for (let i = from + 1; i <= to; i++) await callback.onStep?.(step(i));
}

describe('a log of JSON lines', () => {
  test('holds beginning, steps, epochs and end; numbers that JSON has not are words', async () => {
    const log = jsonLinesLog(path);
    await log.onBegin?.(start(0));
    await log.onStep?.(step(1, NaN));
    await log.onStep?.(step(2, -Infinity));
    await log.onEpoch?.(epoch(1));
    await log.onEnd?.(new Error('the end'));
    const all = lines();
    expect(all.map(({ kind }) => kind)).toEqual(['begin', 'step', 'step', 'epoch', 'end']);
    expect(all[0]).toMatchObject({ step: 0, epochs: 2, steps: 20, count: 10, batchSize: 1 });
    expect(all[1]).toMatchObject({ step: 1, loss: 'NaN', accuracy: 0.5, learningRate: 0.1 });
    expect(all[2]!['loss']).toBe('-Infinity');
    expect(all[3]).toMatchObject({ epoch: 1, train: { loss: 1 }, test: { count: 5 } });
    expect(all[4]).toMatchObject({ step: 2, error: 'the end' });
    expect(Date.parse(all[4]!['time'] as string)).toBeGreaterThan(0);
  });

  test('goes on at the step of the checkpoint, and has no step twice', async () => {
    await logged(0, 7);
    await logged(5, 9);
    expect(stepsIn('step')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(stepsIn('begin')).toEqual([0, 5]);
    await logged(0, 2);
    expect(stepsIn('step')).toEqual([1, 2]);
  });

  test('has no epoch twice whose test came behind the checkpoint', async () => {
    await logged(0, 10);
    const log = jsonLinesLog(path);
    await log.onBegin?.(start(10));
    await log.onEpoch?.(epoch(1));
    await logged(10, 10);
    const again = jsonLinesLog(path);
    await again.onBegin?.(start(10));
    await again.onEpoch?.(epoch(1));
    await again.onEpoch?.(epoch(2));
    expect(stepsIn('epoch')).toEqual([10, 20]);
  });

  test('wherever its last line was cut off, it goes on whole', async () => {
    await logged(0, 3);
    const whole = readFileSync(path);
    const secondLast = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let end = secondLast; end <= whole.length; end += 7) {
      writeFileSync(path, whole.subarray(0, end));
      await logged(2, 4);
      expect(stepsIn('step')).toEqual([1, 2, 3, 4]);
    }
    // Cut off right before its line feed, a line counts; a few letters of the first one are none.
    writeFileSync(path, whole.subarray(0, whole.length - 1));
    await logged(3, 4);
    expect(stepsIn('step')).toEqual([1, 2, 3, 4]);
    writeFileSync(path, whole.subarray(0, 4));
    await logged(0, 1);
    expect(stepsIn('step')).toEqual([1]);
  });

  test.each([
    ['notes without an end', 1],
    ['{"kind":"begin","step":0}\nnotes\n', 2],
    ['[]\n', 1],
    ['null\n', 1],
    [`{"kind":"begin","step":0}\n${'x'.repeat(2 << 20)}`, 2],
  ])('another file is left as it is (%#)', async (text, line) => {
    path = join(folder, 'notes');
    writeFileSync(path, text);
    const message = new RegExp(`jsonLinesLog: '.*notes' must be a log of a training, but its line ${line} is none`);
    await expect(jsonLinesLog(path).onBegin?.(start(0))).rejects.toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a place that cannot be written is an error at the beginning', async () => {
    await expect(jsonLinesLog(folder).onBegin?.(start(0))).rejects.toThrow(/jsonLinesLog: cannot write '.*': EISDIR/);
    writeFileSync(join(folder, 'file'), '');
    const log = jsonLinesLog(join(folder, 'file/log'));
    await expect(log.onBegin?.(start(0))).rejects.toThrow(/cannot write/);
    // The trainer ends all callbacks then.
    await log.onEnd?.(new Error());
  });

  test('a full disk later is one warning, and training goes on', async () => {
    const warnings: string[] = [];
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
    try {
      const log = jsonLinesLog(path);
      await log.onBegin?.(start(0));
      const full = jest.spyOn(AppendFile.prototype, 'append').mockImplementation(() => {
        throw new Error('ENOSPC: no space left on device');
      });
      await log.onStep?.(step(1));
      await log.onStep?.(step(2));
      full.mockRestore();
      await log.onStep?.(step(3));
      await log.onEnd?.();
      expect(warnings).toEqual([expect.stringMatching(/log\.jsonl': ENOSPC.*the log ends here, training goes on/)]);
      expect(stepsIn('step')).toEqual([]);
    } finally {
      warn.mockRestore();
    }
  });
});

// Linux has a device on which nothing can be written.
(process.platform === 'linux' ? test : test.skip)('what a full disk says is what is told', () => {
  const file = new AppendFile('log', '/dev/full', 'a+');
  expect(() => file.append('line')).toThrow(/ENOSPC/);
  file.close();
});

describe('early stopping', () => {
  async function epochsUntilStop(losses: number[], options = {}, done: EpochReport[] = []): Promise<number> {
    const callback = earlyStopping(options);
    await callback.onBegin?.(start(0, done));
    for (const [i, loss] of losses.entries()) {
      if ((await callback.onEpoch?.(epoch(done.length + i + 1, loss, { f1: -loss }))) === 'stop') {
        expect(callback.stopped).toBe(true);
        return i + 1;
      }
    }
    expect(callback.stopped).toBe(false);
    return Infinity;
  }

  test.each([
    [[3, 2, 2, 2, 2], { patience: 2 }, 4],
    [[3, 2, 1, 0.5], { patience: 1 }, Infinity],
    [[3, 2.9, 2.8, 2.7], { patience: 2, minDelta: 0.5 }, 3],
    [[NaN, NaN, 1], { patience: 2 }, 2],
    [[1, NaN, NaN], { patience: 2 }, 3],
    [[1, 2, 3], { patience: 2, monitor: 'testAccuracy' }, 3],
    [[3, 2, 1], { patience: 2, monitor: 'testAccuracy' }, Infinity],
    [[1, 2, 3], { patience: 2, monitor: 'f1', mode: 'max' }, 3],
    [[1, 2, 3], { patience: 2, monitor: 'f1' }, Infinity],
  ])('test losses %j with %j end after %d', async (losses, options, expected) => {
    expect(await epochsUntilStop(losses, options)).toBe(expected);
  });

  test('goes on counting where the checkpoint was', async () => {
    expect(await epochsUntilStop([2, 2], { patience: 3 }, [epoch(1, 1), epoch(2, 2)])).toBe(2);
  });

  test('refuses what it cannot monitor, and lists what it can', async () => {
    await expect(epochsUntilStop([1], { monitor: 'valLoss' })).rejects.toThrow(
      /monitor must be one of testLoss, testAccuracy, trainLoss, trainAccuracy, f1 in this training, got "valLoss"/,
    );
    expect(() => earlyStopping({ patience: 0 })).toThrow(/patience/);
    expect(() => earlyStopping({ minDelta: -1 })).toThrow(/minDelta/);
  });

  test('puts the best weights back, and leaves no tensor', async () => {
    const variable = tf.variable(tf.scalar(0));
    const before = tf.memory().numTensors;
    const callback = earlyStopping({ patience: 2, restoreBest: true });
    await callback.onBegin?.({ ...start(0), model: { apply: (x: tf.Tensor) => x, variables: [variable] } });
    for (const [i, loss] of [3, 1, 2, 2].entries()) {
      tf.tidy(() => variable.assign(tf.scalar(i + 1)));
      await callback.onEpoch?.(epoch(i + 1, loss));
    }
    await callback.onEnd?.();
    expect(variable.dataSync()[0]).toBe(2);
    expect(callback.best).toEqual({ epoch: 2, value: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

const { train, test: tested } = syntheticDigits({ train: 48, test: 16 });

/** Trains with a moving average until it gets no better; what the net scores afterwards. */
async function scoreAfterStopping(monitor: string, data: DataLoader): Promise<{ score: Score; epochs: readonly EpochReport[] }> {
  const model = leNet5({ seed: 1 });
  const optimizer = new Sgd({ learningRate: 0.02, momentum: 0.9 });
  const average = new WeightAverage(model, { decay: 0.6 });
  // The first epoch is the best for sure, and is not the last.
  const callbacks = [earlyStopping({ monitor, minDelta: 100, patience: 2, restoreBest: true })];
  const trainer = new Trainer(model, { optimizer, average, callbacks });
  const { epochs } = await trainer.fit(data, { epochs: 5, test: data });
  const score = await evaluate(model, data);
  for (const held of [trainer, average, optimizer, model]) held.dispose();
  return { score, epochs };
}

describe('early stopping beside a moving average of the weights', () => {
  const data = () => new DataLoader(train, { batchSize: 16, normalization: normalizationOf(train) });

  test('puts back what was best in the test: the average of that epoch', async () => {
    const { score, epochs } = await scoreAfterStopping('testLoss', data());
    expect(epochs).toHaveLength(3);
    expect(score).toEqual(epochs[0]!.test);
  });

  test('puts back what was best in training: the weights themselves', async () => {
    const { score, epochs } = await scoreAfterStopping('trainLoss', data());
    expect(epochs).toHaveLength(3);
    const once = leNet5({ seed: 1 });
    const optimizer = new Sgd({ learningRate: 0.02, momentum: 0.9 });
    await new Trainer(once, { optimizer }).fit(data(), { epochs: 1 });
    expect(score).toEqual(await evaluate(once, data()));
    for (const held of [optimizer, once]) held.dispose();
  });
});

describe('in a training', () => {
  test('history has every step and epoch; a monitored training ends early', async () => {
    const model = leNet5({ seed: 1 });
    const all = history();
    const stopping = earlyStopping({ patience: 1, minDelta: 100 });
    const options = {
      epochs: 5,
      batchSize: 16,
      test: tested,
      learningRate: 0.01,
      callbacks: [all, stopping, jsonLinesLog(path)],
    };
    const result = await fitNet(model, train, options);
    expect(result.epochs).toHaveLength(2);
    expect(all.epochs).toEqual(result.epochs);
    expect(all.steps.map(({ loss }) => Math.fround(loss))).toEqual(result.losses);
    expect(stepsIn('step')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stepsIn('end')).toEqual([6]);
    model.dispose();
  });

  test('watched layers: training is the same to the bit, and updates are those of the step', async () => {
    const watched: LayerReport[] = [];
    const losses: (readonly number[])[] = [];
    const loader = new DataLoader(train, { batchSize: 16, normalization: normalizationOf(train) });
    for await (const batch of loader.epoch(0)) {
      const kept = { ...batch, images: batch.images.slice(), labels: batch.labels.slice() };
      for (const callbacks of [[], [watchLayers({ every: 2, batch: kept }, (report) => void watched.push(report))]]) {
        const model = leNet5({ seed: 1 });
        losses.push((await fitNet(model, train, { epochs: 1, batchSize: 8, learningRate: 0.01, callbacks })).losses);
        model.dispose();
      }
      break;
    }
    expect(losses[1]).toEqual(losses[0]);
    expect(watched.map((report) => report.step)).toEqual([2, 4, 6]);
    const [first] = watched;
    expect(first!.updateRatios.length).toBe(first!.gradientNorms.length);
    for (const { ratio } of first!.updateRatios) {
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThan(1);
    }
  });

  test("in tfjs-layers' own fit: the same reports, and 'stop' stops", async () => {
    const model = tfl.sequential({
      layers: [tfl.layers.flatten({ inputShape: [2, 2] }), layers.dense({ units: 2, activation: 'softmax' })],
    });
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const x = tf.randomUniform([10, 2, 2], 0, 1, 'float32', 1);
    const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], 'int32'), 2);
    const all = history();
    const begins: TrainingStart[] = [];
    const stopping: TrainerCallback = {
      onBegin: (begin) => void begins.push(begin),
      onEpoch: ({ epoch: number }) => (number === 2 ? 'stop' : undefined),
    };
    const callbacks = [all, stopping, jsonLinesLog(path)].map((callback) => asFitCallback(callback, model));
    const { history: told } = await model.fit(x, y, { epochs: 5, batchSize: 4, validationSplit: 0.2, callbacks });
    expect(all.epochs.map((report) => report.epoch)).toEqual([1, 2]);
    expect(all.steps.map((report) => report.step)).toEqual([1, 2, 3, 4]);
    expect(all.steps.map((report) => report.count)).toEqual([4, 4, 4, 4]);
    expect(all.epochs.map((report) => report.train.loss)).toEqual(told['loss']);
    expect(all.epochs.map((report) => report.test?.loss)).toEqual(told['val_loss']);
    expect(all.epochs.map((report) => report.test?.accuracy)).toEqual(told['val_acc']);
    expect(all.epochs[0]).toMatchObject({ learningRate: 0.5, step: 2, metrics: {}, train: { count: 8 } });
    expect(begins[0]).toMatchObject({ epochs: 5, step: 0, steps: 10, count: 8, batchSize: 4 });
    expect(stepsIn('step')).toEqual([1, 2, 3, 4]);
    expect(stepsIn('end')).toEqual([4]);
  });
});
