/** webgl in a real browser: esbuild bundles the page, playwright-core drives Chromium; both come with a checkout only. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundlePage } from '../src/cli/chromium/bundle-page.js';
import { ServedPages } from '../src/cli/chromium/served-pages.js';
import type { Row } from './table.js';

const PAGE = resolve('bench/webgl-page.ts');

/** What the page offers. */
interface PageBench {
  renderer(): Promise<string>;
  rows(): Promise<Row[]>;
}

/** On Chromium's software driver, which is everywhere the same, unless TFJS_CNN_GPU is set. */
export async function webglInChromium(): Promise<Row[]> {
  if (!existsSync(PAGE)) throw new Error(`${PAGE} is missing; run this bench from a checkout`);
  const pages = await ServedPages.serve(await bundlePage(PAGE), process.env['TFJS_CNN_GPU'] ? 'gpu' : 'software', {
    sandbox: false,
  });
  try {
    const page = await pages.open('plain');
    console.log(`${await page.evaluate(() => (globalThis as unknown as { bench: PageBench }).bench.renderer())}\n`);
    return await page.evaluate(() => (globalThis as unknown as { bench: PageBench }).bench.rows());
  } finally {
    await pages.stop();
  }
}
