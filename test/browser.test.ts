/** The package in a real browser, with threads (a cross-origin-isolated page) and without. */
import * as tf from '@tensorflow/tfjs-core';
import { leNet5, softmaxCrossEntropy } from '../src/index.js';
import { opCases } from '../src/inspect/op-cases.js';
import { exercise, type Isolation, PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';
import { lossesOfLeNet5 } from './training.js';

const STEPS = 100;

describeIf('chromium', 'in Chromium', () => {
  let host: PageHost;
  let losses: number[];
  beforeAll(async () => {
    host = await PageHost.start();
    await tf.setBackend('wasm-cnn');
    losses = lossesOfLeNet5({ tf, leNet5, softmaxCrossEntropy }, STEPS);
  }, 120_000);
  afterAll(() => host?.stop());

  describe.each<Isolation>(['isolated', 'plain'])('on a page that is %s', (isolation) => {
    test('wasm-cnn is a backend, with threads where memory can be shared', async () => {
      const page = await host.open(isolation);
      const { isolated, threads, sum } = await exercise(page, 'surroundings');
      expect(isolated).toBe(isolation === 'isolated');
      if (isolated) expect(threads).toBeGreaterThan(1);
      else expect(threads).toBe(1);
      expect(sum).toBe(6);
    });

    test(`LeNet-5 trains for ${STEPS} steps as it does in Node`, async () => {
      const page = await host.open(isolation);
      const there = await exercise(page, 'train', STEPS);
      expect(there).toHaveLength(STEPS);
      expect(there.at(-1)).toBeLessThan(0.1 * there[0]!);
      // The same kernels and numbers; only the engine's own functions, Math.exp say, may round another way.
      there.forEach((loss, step) => {
        expect(Math.abs(loss - losses[step]!)).toBeLessThanOrEqual(1e-4 * losses[step]!);
      });
    });

    test('every op of the table agrees with its reference', async () => {
      const page = await host.open(isolation);
      await exercise(page, 'use', { backend: 'wasm-cnn', accelerated: true });
      const rows = await exercise(page, 'opTable');
      expect(rows).toHaveLength(opCases.length);
      expect(rows.filter(({ complaint }) => complaint)).toEqual([]);
    }, 300_000);
  });
});
