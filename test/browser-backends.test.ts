/** Ops on every backend that a page can have, in software, which is everywhere the same: the op table and PyTorch's golden cases. */
import type { Page } from 'playwright-core';
import { opCases } from '../src/inspect/op-cases.js';
import { exercise, PageHost } from './browser/browser.js';
import type { Target } from './browser/targets.js';
import { describeIf } from './requires.js';

/** What each backend calls the adapter that was asked for. */
const ADAPTERS = { 'wasm-cnn': /^([2-9]|\d\d+) threads, (relaxed-)?simd$/, webgl: /SwiftShader/, webgpu: /^google swiftshader$/ };

const TARGETS: [string, Target][] = [
  ['wasm-cnn', { backend: 'wasm-cnn', accelerated: true }],
  ['stock webgl', { backend: 'webgl', accelerated: false }],
  ['accelerated webgl', { backend: 'webgl', accelerated: true }],
  ['stock webgpu', { backend: 'webgpu', accelerated: false }],
  ['accelerated webgpu', { backend: 'webgpu', accelerated: true }],
];

describeIf(['chromium', 'golden'], 'ops in Chromium', () => {
  let host: PageHost;
  beforeAll(async () => {
    host = await PageHost.start();
  }, 120_000);
  afterAll(() => host?.stop());

  describe.each(TARGETS)('on %s', (_name, target) => {
    let page: Page;
    beforeAll(async () => {
      page = await host.open('isolated');
      const { backend, adapter, subgroups } = await exercise(page, 'use', target);
      expect(backend).toBe(target.backend);
      expect(adapter).toMatch(ADAPTERS[target.backend]);
      if (target.backend === 'webgpu') expect(subgroups).toBe(target.accelerated);
    }, 120_000);
    afterAll(() => page?.close());

    // On wasm-cnn browser.test.ts goes through it, with threads and without; stock GPUs run compositions, which golden cases hold.
    if (target.backend !== 'wasm-cnn' && target.accelerated) {
      test('every op of the table agrees with its reference', async () => {
        const rows = await exercise(page, 'opTable');
        expect(rows).toHaveLength(opCases.length);
        expect(rows.filter(({ complaint }) => complaint)).toEqual([]);
        expect(await exercise(page, 'composed')).toEqual([]);
      }, 600_000);
    }

    test("every golden case agrees with PyTorch's numbers", async () => {
      const rows = await exercise(page, 'goldenOps');
      expect(rows).toHaveLength(82);
      expect(rows.filter(({ complaint }) => complaint)).toEqual([]);
    }, 600_000);
  });
});
