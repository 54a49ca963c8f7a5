/** LeNet-5 trains on real digits in a page, for an epoch of 1,000, and does the same on every backend. */
import { exercise, PageHost } from './browser/browser.js';
import type { Target } from './browser/targets.js';
import { describeIf } from './requires.js';

const DIGITS = 1000;
const BATCH = 50;

/** Roundings of a loss: the square root of LeNet-5's longest forward sum, the 400 products of fc1. */
const ROUNDINGS = 20;

const backends = ['wasm-cnn', 'webgl', 'webgpu'] as const;

describeIf(['chromium', 'mnist'], 'an epoch of MNIST in Chromium', () => {
  let host: PageHost;
  const losses = new Map<string, readonly number[]>();
  beforeAll(async () => {
    host = await PageHost.start();
  }, 120_000);
  afterAll(() => host?.stop());

  test.each<Target['backend']>(backends)(
    'trains LeNet-5 on accelerated %s',
    async (backend) => {
      const page = await host.open('isolated');
      const told = await exercise(page, 'epochOnMnist', { backend, accelerated: true }, DIGITS);
      await page.close();
      expect(told.backend).toBe(backend);
      expect(told.adapter).toMatch(
        { 'wasm-cnn': /^([2-9]|\d\d+) threads/, webgl: /SwiftShader/, webgpu: /^google swiftshader$/ }[backend],
      );
      expect(told.losses).toHaveLength(DIGITS / BATCH);
      // Its steps were played again where they can be.
      if (backend === 'webgl') expect(told.whyEager).toContain("the backend is 'webgl'");
      else expect(told.whyEager).toBeUndefined();
      // Ten classes at random are log 10 = 2.30.
      expect(Math.max(...told.losses.slice(-5))).toBeLessThan(2);
      losses.set(backend, told.losses);
    },
    600_000,
  );

  test('in which the losses fall alike', () => {
    const [expected, ...others] = backends.map((backend) => losses.get(backend)!);
    for (const found of others) {
      found.forEach((loss, step) => {
        // The first losses differ by roundings of their own; each step adds those of its update to the weights.
        expect(Math.abs(loss - expected![step]!)).toBeLessThanOrEqual(ROUNDINGS * (1 + step) * 2 ** -24 * expected![step]!);
      });
    }
  });
});
