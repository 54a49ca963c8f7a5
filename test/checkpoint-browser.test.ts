/** Checkpoints in a real browser's database: a page that is loaded anew or closed, one that may store no more. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import type { StoredCheckpoint } from '../src/train/index.js';
import { PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';

/** What the page's script has put there. */
declare const store: {
  save(step: number, size: number): Promise<string>;
  latest(): Promise<(Pick<StoredCheckpoint, 'name' | 'step' | 'damaged'> & { whole: boolean }) | undefined>;
};

const SCRIPT = `
import { IndexedDbCheckpoints } from './src/train/checkpoints/indexed-db-checkpoints.ts';
const checkpoints = new IndexedDbCheckpoints('run');
const valuesOf = (step, size) => new Float32Array(size).map((_, i) => step + (i % 1013) / 1024);
globalThis.store = {
  save: (step, size) =>
    checkpoints.save({ state: { loss: NaN }, tensors: { weight: { values: valuesOf(step, size), shape: [size] } } }, step),
  async latest() {
    const found = await checkpoints.latest();
    if (!found) return undefined;
    const { name, step, damaged, snapshot: { state, tensors } } = found;
    const { values } = tensors.weight;
    const expected = valuesOf(step, values.length);
    return { name, step, damaged, whole: Number.isNaN(state.loss) && values.every((value, i) => value === expected[i]) };
  },
};
`;

describeIf('chromium', 'checkpoints in Chromium', () => {
  let host: PageHost;
  let page: Page;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: SCRIPT, resolveDir: join(__dirname, '..'), loader: 'js' },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
      logLevel: 'error',
    });
    host = await PageHost.start(outputFiles[0]!.text);
  }, 120_000);
  afterAll(() => host?.stop());
  // Each page has a profile, and so a database, of its own.
  beforeEach(async () => {
    page = await host.open('plain');
  });
  afterEach(() => page.close());

  test('outlive the page, and the last three of them stay', async () => {
    expect(await page.evaluate(() => store.latest())).toBeUndefined();
    const names = await page.evaluate(async () => {
      const saved: string[] = [];
      for (let step = 1; step <= 5; step++) saved.push(await store.save(10 * step, 3_000_000));
      return saved;
    });
    expect(names.at(-1)).toBe('checkpoint-000005-step-000000050');
    await page.reload();
    expect(await page.evaluate(() => store.latest())).toEqual({ name: names.at(-1), step: 50, damaged: [], whole: true });
    expect(await numbers(page)).toEqual([3, 4, 5]);
  });

  test('are whole or not there, when the page goes in the middle of saving', async () => {
    let newest = 0;
    for (let round = 0; round < 10; round++) {
      await page.evaluate((from) => {
        const saveMore = async () => {
          for (let step = from + 1; ; step++) await store.save(step, 500_000);
        };
        // Not waited for: the page is loaded anew meanwhile.
        void saveMore();
      }, newest);
      await page.waitForTimeout(20 * round);
      await page.reload();
      const latest = await page.evaluate(() => store.latest());
      expect(latest ?? { whole: true, damaged: [] }).toMatchObject({ whole: true, damaged: [] });
      expect(latest?.step ?? 0).toBeGreaterThanOrEqual(newest);
      newest = latest?.step ?? 0;
    }
    expect(newest).toBeGreaterThan(0);
  });

  test('stay as they are where the site may store no more', async () => {
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 4_000_000 });
    await page.evaluate(() => store.save(1, 1000));
    const message = await page.evaluate(() => store.save(2, 3_000_000).then(String, String));
    expect(message).toMatch(/^CheckpointError: .*step 2 cannot be saved \(QuotaExceededError: .*Let the site store more/);
    expect(await page.evaluate(() => store.latest())).toMatchObject({ step: 1, whole: true, damaged: [] });
    expect(await page.evaluate(() => store.save(3, 1000))).toBe('checkpoint-000002-step-000000003');
  });

  /** Of the checkpoints that are in the database. */
  function numbers(from: Page): Promise<unknown> {
    return from.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.open('tfjs-cnn checkpoints: run');
          request.onsuccess = () => {
            const keys = request.result.transaction('checkpoints').objectStore('checkpoints').getAllKeys();
            keys.onsuccess = () => resolve(keys.result);
          };
        }),
    );
  }
});
