/** Our kernels of webgl in a real browser, on its software driver. */
import type { Page } from 'playwright-core';
import { opCases } from '../src/inspect/op-cases.js';
import { bundlePage, exerciserOf, PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';
import { geometryCases } from './webgl/cases.js';
import type { WebglExercises } from './webgl/page.js';

const exercise = exerciserOf<WebglExercises>();

describeIf('chromium', 'webgl, accelerated', () => {
  let host: PageHost;
  let page: Page;
  beforeAll(async () => {
    host = await PageHost.start(await bundlePage('webgl/page.ts'));
    page = await host.open('plain');
  }, 120_000);
  afterAll(() => host?.stop());

  test('it is WebGL 2 on the software driver', async () => {
    expect(await exercise(page, 'begin')).toEqual({
      backend: 'webgl',
      version: 2,
      renderer: expect.stringContaining('SwiftShader'),
    });
  }, 120_000);

  test.each(geometryCases.map(({ name }) => name))(
    '%s',
    async (name) => {
      expect(await exercise(page, 'geometry', name)).toBeUndefined();
    },
    120_000,
  );

  test('every op of the table runs on kernels of ours, not on compositions, and a smaller batch compiles nothing', async () => {
    const rows = await exercise(page, 'ownKernels');
    expect(rows).toHaveLength(opCases.length);
    expect(rows.filter(({ composedOf, programs }) => composedOf.length > 0 || programs > 0)).toEqual([]);
  }, 300_000);

  test('products of matrices, transposed or not', async () => {
    expect(await exercise(page, 'products')).toEqual([]);
  }, 120_000);

  test("optimizers' updates", async () => {
    expect(await exercise(page, 'updates')).toEqual([]);
  }, 120_000);

  test('limits of units, averages of weights, gates', async () => {
    expect(await exercise(page, 'otherUpdates')).toEqual([]);
  }, 120_000);

  test("tfjs's maximum passes over NaN, ours hands it on", async () => {
    expect(await exercise(page, 'notANumber')).toEqual({ tfjs: [3], ours: [NaN] });
  });

  test('tensors that lie otherwise in their textures are read all the same', async () => {
    const counted = Array.from({ length: 24 }, (_, i) => i);
    expect(await exercise(page, 'layouts')).toEqual({
      dot: [counted.reduce((sum, i) => sum + i * i)],
      slice: [11, 15, 19],
      untouched: counted,
      pooled: [22, 23],
      reshaped: counted,
    });
  });

  test('a program that does not compile names op and geometry', async () => {
    const message = await exercise(page, 'brokenKernel');
    expect(message).toMatch(
      /^CnnBroken forward on webgl, geometry \{"batch":3,"inHeight":7\}: the program does not compile: ERROR/,
    );
    expect(message).toContain("'nothing' : undeclared identifier");
  });

  test.each(['leNet5', 'cifarResNet8'] as const)(
    '%s: a smaller batch compiles nothing, and no step leaks',
    async (net) => {
      const steps = await exercise(page, 'programsOfSteps', net, [6, 6, 5, 2, 6]);
      expect(steps[0]!.programs).toBeGreaterThan(10);
      expect(steps.slice(1).map(({ programs }) => programs)).toEqual([0, 0, 0, 0]);
      expect(steps.slice(2).map(({ tensors }) => tensors)).toEqual(Array(3).fill(steps[1]!.tensors));
      expect(steps.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    },
    180_000,
  );

  test("a net of tfjs's own layers trains as on its cpu backend", async () => {
    const { cpu, webgl } = await exercise(page, 'layers', 4);
    expect(cpu[3]).toBeLessThan(cpu[0]!);
    // float32 sums of a few hundred terms, four steps: far below what a wrong gradient does to the loss.
    webgl.forEach((loss, i) => expect(Math.abs(loss - cpu[i]!)).toBeLessThan(1e-4 * Math.abs(cpu[i]!)));
  }, 120_000);
});
