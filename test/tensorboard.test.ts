/** Event files: framing by the format's definition, contents as TensorBoard itself reads them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { DataLoader, normalizationOf, syntheticDigits } from '../src/data/index.js';
import { leNet5 } from '../src/index.js';
import { histogramOf } from '../src/train/callbacks/tensorboard/histogram.js';
import { tfRecord } from '../src/train/callbacks/tensorboard/tf-record.js';
import type { EpochReport, TrainingStart } from '../src/train/index.js';
import { fit as fitNet, tensorBoardLog } from '../src/train/node.js';
import { describeIf, tensorboardFolder } from './requires.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-events-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Castagnoli's checksum bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const mask = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** The records of a file, every checksum checked. */
function recordsOf(path: string): Buffer[] {
  const file = readFileSync(path);
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(mask(crc32c(file.subarray(at, at + 8))));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(mask(crc32c(data)));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

const start = (step: number): TrainingStart => ({
  model: { apply: (x: tf.Tensor) => x, variables: [] },
  epochs: 2,
  steps: 20,
  step,
  epochsDone: [],
  count: 10,
  batchSize: 1,
});

const step = (at: number, loss = 1 / at) => ({ step: at, epoch: 1, loss, accuracy: 0.5, count: 1, learningRate: 0.1 });

const epoch: EpochReport = {
  epoch: 1,
  step: 4,
  train: { loss: 0.25, accuracy: 0.5, count: 10 },
  test: { loss: 0.75, accuracy: 0.25, count: 5 },
  learningRate: 0.1,
  seconds: 2,
  waitedSeconds: 0.5,
  metrics: { f1: 0.125 },
};

test("a checksum is that of the standard's example", () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('a record: length, its checksum, data, their checksum', () => {
  const record = Buffer.from(tfRecord(Buffer.from('abc'), crc32c));
  expect(record).toHaveLength(19);
  expect(record.readBigUInt64LE(0)).toBe(3n);
  writeFileSync(join(folder, 'one'), record);
  expect(recordsOf(join(folder, 'one')).map(String)).toEqual(['abc']);
});

test('a file begins with its version, and all its checksums are right', async () => {
  const log = tensorBoardLog(folder);
  await log.onBegin?.(start(0));
  await log.onStep?.(step(1));
  await log.onEnd?.();
  const [name] = readdirSync(folder);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  const records = recordsOf(join(folder, name!));
  expect(records).toHaveLength(3);
  expect(records[0]!.includes('brain.Event:2')).toBe(true);
  expect(records[2]!.includes('loss/step')).toBe(true);
});

test('each training has a file that comes behind the others', async () => {
  writeFileSync(join(folder, 'events.out.tfevents.9999999998.far.1.0.v2'), '');
  for (let i = 0; i < 2; i++) {
    const log = tensorBoardLog(folder);
    await log.onBegin?.(start(0));
    await log.onEnd?.();
  }
  const sorted = readdirSync(folder).sort();
  expect(sorted.map((name) => name.split('.')[3])).toEqual(['9999999998', '9999999999', '10000000000'].sort());
});

test('a histogram: 30 buckets, without what is no number', () => {
  const histogram = histogramOf([0, 1, 2, 3, NaN, Infinity])!;
  expect(histogram).toMatchObject({ min: 0, max: 3, num: 4, sum: 6, sumSquares: 14 });
  expect(histogram.bucket).toHaveLength(30);
  expect(histogram.bucket.flatMap((count, i) => (count ? [i] : []))).toEqual([0, 10, 20, 29]);
  expect(histogram.bucketLimit[29]).toBe(3);
  expect(histogramOf([2, 2])).toMatchObject({ bucketLimit: [2], bucket: [2] });
  expect(histogramOf([NaN])).toBeUndefined();
});

test('options and folders that make no sense are refused at the beginning', async () => {
  expect(() => tensorBoardLog(folder, { every: 0 })).toThrow(/every must be a positive integer/);
  writeFileSync(join(folder, 'file'), '');
  const log = tensorBoardLog(join(folder, 'file'));
  await expect(log.onBegin?.(start(0))).rejects.toThrow(/tensorBoardLog: cannot write to '.*file': /);
});

/** What TensorBoard finds in a folder. */
function read(path: string): {
  scalars: Record<string, [step: number, value: number | string][]>;
  histograms: Record<string, { step: number; num: number; sum: number; min: number; max: number; buckets: number }[]>;
  images: Record<string, { step: number; width: number; height: number; png: boolean }[]>;
} {
  const program = `
import json, math, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'histograms': 0, 'images': 0})
a.Reload()
tags = a.Tags()
print(json.dumps({
  'scalars': {t: [[e.step, e.value if math.isfinite(e.value) else str(e.value)] for e in a.Scalars(t)] for t in tags['scalars']},
  'histograms': {t: [dict(step=e.step, num=e.histogram_value.num, sum=e.histogram_value.sum, min=e.histogram_value.min,
    max=e.histogram_value.max, buckets=len(e.histogram_value.bucket)) for e in a.Histograms(t)] for t in tags['histograms']},
  'images': {t: [dict(step=e.step, width=e.width, height=e.height, png=e.encoded_image_string[1:4] == b'PNG') for e in a.Images(t)]
    for t in tags['images']},
}))`;
  const env = { ...process.env, PYTHONPATH: tensorboardFolder };
  const out = execFileSync('python3', ['-c', program, path], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse(out);
}

describeIf('tensorboard', 'TensorBoard', () => {
  test('reads scalars of steps and epochs, infinity too', async () => {
    const log = tensorBoardLog(folder, { every: 2, histograms: false });
    await log.onBegin?.(start(0));
    for (let i = 1; i <= 4; i++) await log.onStep?.(step(i, i === 4 ? Infinity : 1 / i));
    await log.onEpoch?.(epoch);
    await log.onEnd?.();
    const { scalars } = read(folder);
    expect(scalars['loss/step']).toEqual([
      [2, 0.5],
      [4, 'inf'],
    ]);
    expect(scalars['loss/train']).toEqual([[4, 0.25]]);
    expect(scalars['loss/test']).toEqual([[4, 0.75]]);
    expect(scalars['accuracy/test']).toEqual([[4, 0.25]]);
    expect(scalars['images_per_second']).toEqual([[4, 5]]);
    expect(scalars['waiting']).toEqual([[4, 0.25]]);
    expect(scalars['metrics/f1']).toEqual([[4, 0.125]]);
    expect(scalars['learning_rate']![0]![1]).toBeCloseTo(0.1, 7);
  });

  test('forgets what was written behind the checkpoint', async () => {
    const first = tensorBoardLog(folder);
    await first.onBegin?.(start(0));
    for (let i = 1; i <= 7; i++) await first.onStep?.(step(i, 1));
    // Killed: no end. The checkpoint held step 5.
    const second = tensorBoardLog(folder);
    await second.onBegin?.(start(5));
    for (let i = 6; i <= 8; i++) await second.onStep?.(step(i, 2));
    await second.onEnd?.();
    await first.onEnd?.();
    expect(read(folder).scalars['loss/step']).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((at) => [at, at <= 5 ? 1 : 2]));
  });

  test("reads a training's histograms of weights and gradients, and the first filters", async () => {
    await tf.setBackend('wasm-cnn');
    const { train, test: tested } = syntheticDigits({ train: 40, test: 10 });
    const normalization = normalizationOf(train);
    const model = leNet5({ seed: 1 });
    const loader = new DataLoader(train, { batchSize: 8, normalization });
    for await (const batch of loader.epoch(0)) {
      const callbacks = [tensorBoardLog(folder, { batch: { ...batch } })];
      await fitNet(model, train, { epochs: 1, batchSize: 20, test: tested, learningRate: 0.01, callbacks });
      break;
    }
    const { scalars, histograms, images } = read(folder);
    expect(scalars['loss/step']).toHaveLength(2);
    const tags = Object.keys(histograms);
    expect(tags.filter((tag) => tag.startsWith('weights/'))).toHaveLength(model.weights.length);
    expect(tags.filter((tag) => tag.startsWith('gradients/'))).toHaveLength(model.trainableWeights.length);
    const kernel = model.weights[0]!.read();
    const values = Array.from(kernel.dataSync());
    const [row] = histograms[tags.find((tag) => /^weights\/.*kernel/.test(tag))!]!;
    expect(row!).toMatchObject({ step: 2, num: kernel.size });
    expect(row!.sum).toBeCloseTo(
      values.reduce((sum, value) => sum + value),
      5,
    );
    expect(row!.min).toBe(Math.min(...values));
    expect(row!.max).toBe(Math.max(...values));
    expect(images['filters/first']).toEqual([{ step: 2, width: expect.any(Number), height: expect.any(Number), png: true }]);
    model.dispose();
  });
});
