/** tfjs-core's own specs of CNNs in a browser: with our kernels nothing fails that passes on stock webgl and webgpu. */
import { PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';
import { bundleUpstream } from './upstream/bundle-page.js';
import type { Outcome, UpstreamPage } from './upstream/page.js';

const BACKENDS = [
  ['webgl', /SwiftShader/],
  ['webgpu', /^google swiftshader$/],
] as const;

describeIf('chromium', "tfjs-core's own specs of CNNs in Chromium", () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start(await bundleUpstream());
  }, 120_000);
  afterAll(() => host?.stop());

  async function run(backend: 'webgl' | 'webgpu', accelerated: boolean): Promise<Outcome> {
    const page = await host.open('isolated');
    try {
      return await page.evaluate((target) => (globalThis as unknown as UpstreamPage).runSpecs(target), { backend, accelerated });
    } finally {
      await page.close();
    }
  }

  test.each(BACKENDS)(
    'accelerated %s passes all that stock passes',
    async (backend, adapter) => {
      const stock = await run(backend, false);
      const ours = await run(backend, true);
      for (const outcome of [stock, ours]) expect(outcome.adapter).toMatch(adapter);
      expect(stock.passed.length).toBeGreaterThan(500);
      const passes = new Set(ours.passed);
      const broken = stock.passed.filter((name) => !passes.has(name));
      expect(broken.map((name) => [name, ours.failed[name] ?? 'did not run'])).toEqual([]);
    },
    600_000,
  );
});
