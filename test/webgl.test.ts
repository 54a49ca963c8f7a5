/** Our kernels of webgl in a real browser, on its software driver. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';
import { geometryCases } from './webgl/cases.js';
import type { WebglExercises } from './webgl/page.js';

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'webgl/page.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    // Our manifest's sideEffects speak of dist/, and this bundles src/: keep every import.
    ignoreAnnotations: true,
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** Runs one of the page's exercises there. */
function exercise<Name extends keyof WebglExercises>(
  page: Page,
  name: Name,
  ...args: Parameters<WebglExercises[Name]>
): Promise<Awaited<ReturnType<WebglExercises[Name]>>> {
  type Run = (...values: unknown[]) => Awaited<ReturnType<WebglExercises[Name]>>;
  return page.evaluate(
    ([key, values]) => ((globalThis as unknown as { exercises: Record<string, Run> }).exercises[key] as Run)(...values),
    [name as string, args as unknown[]] as const,
  );
}

describeIf('chromium', 'webgl, accelerated', () => {
  let host: PageHost;
  let page: Page;
  beforeAll(async () => {
    host = await PageHost.start(await bundle());
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
});
