import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type Isolation, PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';

const root = resolve(__dirname, '..');

// esbuild refuses Node's modules on this platform.
it.each(['data', 'train'])('src/%s can be bundled for browsers', (part) => {
  const options = ['--bundle', '--platform=browser', '--format=esm', '--minify', '--log-level=error', '--external:@tensorflow/*'];
  const entry = join(root, 'src', part, 'index.ts');
  const bundle = execFileSync(join(root, 'node_modules/.bin/esbuild'), [entry, ...options], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(bundle.length).toBeGreaterThan(1000);
});

/** An epoch of four pictures a batch, all places and values, then what a worker answers that cannot prepare one. */
const PAGE = `
import { RandomCrop } from './src/augment/index.js';
import { DataLoader } from './src/data/index.js';
const images = Uint8Array.from({ length: 40 * 16 }, (_, i) => (i * 37) % 251);
const dataset = { images, labels: new Int32Array(40), count: 40, height: 4, width: 4, channels: 1, classNames: ['a'], sourceDescription: 'page' };
globalThis.epoch = async (workers, size) => {
  const transforms = [new RandomCrop({ size, padding: 1 })];
  const loader = new DataLoader(dataset, { batchSize: 7, shuffle: true, workers, transforms });
  const seen = [];
  for await (const batch of loader.epoch(1)) seen.push(...batch.places, ...batch.images);
  await loader.close();
  return seen;
};`;

describeIf('chromium', 'workers in Chromium', () => {
  let host: PageHost;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: root },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      // The manifest's sideEffects speak of dist/, and this bundles src/: keep every import.
      ignoreAnnotations: true,
      write: false,
      logLevel: 'error',
    });
    host = await PageHost.start(outputFiles[0]!.text);
  }, 120_000);
  afterAll(() => host?.stop());

  test.each<Isolation>(['isolated', 'plain'])('give the same batches, on a page that is %s', async (isolation) => {
    const page = await host.open(isolation);
    const alone = (await page.evaluate('epoch(0, 4)')) as number[];
    expect(alone).toHaveLength(40 * 17);
    expect(await page.evaluate('epoch(2, 4)')).toEqual(alone);
    await expect(page.evaluate('epoch(1, 9)')).rejects.toThrow(/picture \d+ of page: expected .* 9 x 9 does not fit/);
  });
});
