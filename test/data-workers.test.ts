/** Batches that workers prepare: the same ones, and what happens when a worker cannot. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import threads, { type Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { RandomCrop, RandomHorizontalFlip, registerTransform } from '../src/augment/index.js';
import { DataError, type DataLoaderOptions, type TrainingBatch } from '../src/data/index.js';
import { startWorker } from '../src/data/loader/worker/start-worker.js';
import { mixSeeds, randomPermutation } from '../src/random.js';
import { epochOf, loaders, numbered } from './data-parts.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await loaders.closeAll();
});

const dataset = numbered(23);
const transforms = [new RandomCrop({ size: [3, 4], padding: 1 }), new RandomHorizontalFlip()];
const loaderOf = (options: Partial<DataLoaderOptions> = {}) =>
  loaders.open(dataset, { batchSize: 5, shuffle: true, seed: 3, transforms, ...options });

describe('workers', () => {
  it.each([
    [1, 1],
    [1, 4],
    [3, 1],
    [3, undefined],
    [3, 20],
  ])('%i of them, %s batches ahead, give the same to the bit', async (workers, prefetch) => {
    const alone = loaderOf();
    const team = loaderOf({ workers, prefetch });
    for (const epoch of [0, 1, 5]) expect(await epochOf(team, epoch)).toEqual(await epochOf(alone, epoch));
  });

  it('begin at any batch, after any other', async () => {
    const all = await epochOf(loaderOf(), 2);
    const team = loaderOf({ workers: 2 });
    for (const first of [3, 0, 4, 5]) expect(await epochOf(team, 2, first)).toEqual(all.slice(first));
    const fresh = loaderOf({ workers: 2 });
    expect(await epochOf(fresh, 2, 3)).toEqual(all.slice(3));
  });

  it('go on after a pass that was left early', async () => {
    const team = loaderOf({ workers: 2 });
    for await (const { size } of team.epoch(0)) if (size === 5) break;
    expect(await epochOf(team, 0)).toEqual(await epochOf(loaderOf(), 0));
  });

  it('start again after close()', async () => {
    const team = loaderOf({ workers: 1 });
    const first = await epochOf(team, 0);
    await team.close();
    await team.close();
    expect(await epochOf(team, 0)).toEqual(first);
  });

  it('show what they made as it lies there, without a copy, until the next batch is asked for', async () => {
    const pass = loaderOf({ workers: 1, prefetch: 1 }).epoch(0);
    // The first is made while they start.
    await pass.next();
    const { value } = (await pass.next()) as { value: TrainingBatch };
    const { images, size } = value;
    expect(images.length).toBe(size * 24);
    await pass.next();
    // Its memory has gone to the worker.
    expect(images.length).toBe(0);
  });

  it('are not waited for while they start: the first batch is made meanwhile', async () => {
    const posts: string[] = [];
    const { Worker: Original } = threads;
    jest.spyOn(threads, 'Worker').mockImplementation((...args) => {
      const worker = new Original(...args);
      worker.on('message', () => posts.push('answer'));
      return worker;
    });
    const pass = loaderOf({ workers: 1 }).epoch(0);
    await pass.next();
    posts.push('first batch');
    for (let step = await pass.next(); !step.done; step = await pass.next());
    expect(posts.slice(0, 2)).toEqual(['first batch', 'answer']);
  });

  it('weigh pictures by their classes', async () => {
    const classWeights = [0.5, 1, 2];
    for (const workers of [0, 1]) {
      for await (const { labels, weights } of loaderOf({ workers, classWeights }).epoch(0)) {
        expect([...weights!]).toEqual([...labels].map((label) => classWeights[label]));
      }
    }
    expect(() => loaderOf({ classWeights: [1] })).toThrow(/classWeights must be 3 numbers, one for each class/);
  });
});

describe('what cannot be prepared', () => {
  it.each([0, 2])('names the picture, with %i workers', async (workers) => {
    const [first] = randomPermutation(23, mixSeeds(3, 0));
    const loader = loaderOf({ workers, transforms: [new RandomCrop({ size: 9 })] });
    const message = new RegExp(`^picture ${first} of numbers: expected a picture that all transforms take .* 9 x 9 does not fit`);
    await expect(epochOf(loader, 0)).rejects.toThrow(message);
    await expect(epochOf(loader, 0)).rejects.toThrow(DataError);
  });

  it('refuses transforms that workers do not know', async () => {
    class Own extends RandomHorizontalFlip {
      static override readonly className: string = 'Own';
    }
    registerTransform(Own);
    class Unregistered extends RandomHorizontalFlip {}
    expect(() => loaderOf({ workers: 1, transforms: [new Unregistered()] })).toThrow(
      /workers know the package's transforms alone, not Unregistered; use workers: 0/,
    );
    const own = loaderOf({ workers: 1, transforms: [new Own()] });
    await expect(epochOf(own, 0)).rejects.toThrow(/className must be one of .* got "Own"; .* use workers: 0/);
    expect((await epochOf(loaderOf({ transforms: [new Own()] }), 0)).length).toBe(5);
  });

  it('says at which picture a worker died, and starts others for the next epoch', async () => {
    const started: Worker[] = [];
    const { Worker: Original } = threads;
    jest.spyOn(threads, 'Worker').mockImplementation((...args) => {
      started.push(new Original(...args));
      return started.at(-1)!;
    });
    const loader = loaders.open(numbered(2000), { batchSize: 5, workers: 2, prefetch: 1 });
    const expected = await epochOf(loader, 0);
    const pass = loader.epoch(0);
    await pass.next();
    await started[1]!.terminate();
    const rest = async () => {
      for (let step = await pass.next(); !step.done; step = await pass.next());
    };
    await expect(rest()).rejects.toThrow(
      /^DataLoader: expected .*one died while it prepared picture \d+ of numbers \(it ended with code 1\)/,
    );
    expect(started.length).toBe(2);
    expect(await epochOf(loader, 0)).toEqual(expected);
    expect(started.length).toBe(4);
  });

  it('tells who waits that the loader was closed', async () => {
    const loader = loaderOf({ workers: 1 });
    await epochOf(loader, 0);
    const pass = loader.epoch(2);
    const awaited = expect(pass.next()).rejects.toThrow(/^DataLoader: expected to be open, found that it was closed/);
    await loader.close();
    await awaited;
  });

  it('reports a program that does not even start', async () => {
    const why = await new Promise<string>((done) => {
      startWorker('throw new Error("not today")', { onAnswer: () => undefined, onEnd: done });
    });
    expect(why).toMatch(/not today/);
  });
});

test('a process ends by itself, whether the loader was closed or not, in ES modules and CommonJS', async () => {
  const root = resolve(__dirname, '..');
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = mkdtempSync(join(root, 'build/loader-'));
  try {
    for (const format of ['esm', 'cjs'] as const) {
      const { outputFiles } = await build({
        stdin: { contents: PROGRAM, resolveDir: root },
        bundle: true,
        platform: 'node',
        format,
        packages: 'external',
        write: false,
        logLevel: 'error',
      });
      const file = join(folder, format === 'esm' ? 'program.mjs' : 'program.cjs');
      writeFileSync(file, outputFiles[0]!.text);
      expect(execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 30_000 })).toBe('5 batches\n');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const PROGRAM = `
import { DataLoader } from './src/data/index.js';
const dataset = { images: new Uint8Array(46), labels: new Int32Array(23), count: 23, height: 1, width: 2, channels: 1, classNames: ['a'], sourceDescription: 'none' };
const loader = new DataLoader(dataset, { batchSize: 5, workers: 2 });
(async () => {
  let batches = 0;
  for await (const batch of loader.epoch(0)) batches += batch.size > 0;
  console.log(batches + ' batches');
})();
`;
