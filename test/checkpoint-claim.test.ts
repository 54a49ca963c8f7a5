/** Two trainings in one folder: the second one is refused, until the first has ended or was killed. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { DataLoader, syntheticDigits } from '../src/data/index.js';
import { leNet5 } from '../src/index.js';
import { CheckpointError } from '../src/train/checkpoints/checkpoint-store.js';
import { FolderCheckpoints, Sgd, Trainer } from '../src/train/node.js';
import { snapshotOf } from './checkpoint-child.js';
import { bundledWhole } from './command-line.js';

let parent: string;
let folder: string;
let child: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'tfjs-cnn-claim-'));
  child = bundledWhole('test/checkpoint-child.ts', parent);
});
afterAll(() => rmSync(parent, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'folder-'));
});

const claim = (path = folder) => new FolderCheckpoints(path).claim();
const REFUSAL =
  /^FolderCheckpoints: another training writes its checkpoints to .*; wait for its end, stop it, or name another folder$/;

/** A process that has the folder until it is killed. */
async function holder(): Promise<() => Promise<void>> {
  const holding = spawn(process.execPath, [child, 'hold', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => holding.on('close', () => done()));
  await new Promise((ready) => holding.stdout.once('data', ready));
  return async () => {
    holding.kill('SIGKILL');
    await ended;
  };
}

test('a folder is claimed once, and again when it was given back', async () => {
  for (let i = 0; i < 2; i++) {
    const release = await claim();
    await expect(claim()).rejects.toThrow(CheckpointError);
    await expect(claim()).rejects.toThrow(REFUSAL);
    await release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('another process has it until it is killed, and not a moment longer', async () => {
  for (let i = 0; i < 3; i++) {
    const kill = await holder();
    await expect(claim()).rejects.toThrow(REFUSAL);
    await kill();
    const release = await claim();
    await expect(claim()).rejects.toThrow(REFUSAL);
    await release();
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('of many that come at once behind one that was killed, one gets it', async () => {
  for (let i = 0; i < 5; i++) {
    await (await holder())();
    const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claim()));
    const given = claims.filter((each) => each.status === 'fulfilled');
    expect(given).toHaveLength(1);
    await given[0]!.value();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('checkpoints are saved and read as before, whoever has the folder', async () => {
  const kill = await holder();
  const store = new FolderCheckpoints(folder, { keep: 1 });
  await store.save(snapshotOf(1, 10), 1);
  expect((await store.latest())?.step).toBe(1);
  await kill();
});

test('where no socket can be, nothing is refused', async () => {
  const deep = join(folder, 'deep'.repeat(30));
  for (const path of [deep, join(folder, 'file')]) {
    if (path !== deep) mkdirSync(join(path, 'training.lock'), { recursive: true });
    const first = await claim(path);
    const second = await claim(path);
    await first();
    await second();
  }
});

test('two trainings in one folder: the second one ends before it begins, and the first as if it were alone', async () => {
  await tf.setBackend('wasm-cnn');
  const { train } = syntheticDigits({ train: 48, test: 0 });
  const store = new FolderCheckpoints(folder);
  const model = leNet5({ seed: 1 });
  const optimizer = new Sgd({ learningRate: 0.01 });
  const data = () => new DataLoader(train, { batchSize: 16 });
  const ended: unknown[] = [];
  const trainerOf = () =>
    new Trainer(model, { optimizer, checkpoints: { store }, callbacks: [{ onEnd: (error) => void ended.push(error) }] });
  const first = trainerOf().fit(data(), { epochs: 2 });
  await expect(trainerOf().fit(data(), { epochs: 2 })).rejects.toThrow(REFUSAL);
  expect(ended).toEqual([expect.any(CheckpointError)]);
  expect((await first).losses).toHaveLength(6);
  // It gave the folder back, and so does a training that goes on from its end.
  expect((await trainerOf().fit(data(), { epochs: 3 })).resumedFrom).toMatch(/^checkpoint-000002-/);
  expect(readdirSync(folder).every((name) => name.endsWith('.safetensors'))).toBe(true);
});
