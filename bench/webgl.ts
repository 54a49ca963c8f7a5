/** webgl in a real browser: esbuild bundles the page, playwright-core drives Chromium; both come with a checkout only. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Row } from './table.js';

const PAGE = resolve('bench/webgl-page.ts');

/** Debian's Chromium, or what TFJS_CNN_CHROMIUM names; its software driver, which is everywhere the same, unless TFJS_CNN_GPU is set. */
const CHROMIUM = process.env['TFJS_CNN_CHROMIUM'] ?? '/usr/bin/chromium';
const SOFTWARE = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** What the page offers. */
interface PageBench {
  renderer(): Promise<string>;
  rows(): Promise<Row[]>;
}

export async function webglInChromium(): Promise<Row[]> {
  for (const [path, remedy] of [
    [PAGE, 'run this bench from a checkout'],
    [CHROMIUM, 'apt-get install chromium, or name one in TFJS_CNN_CHROMIUM'],
  ] as const) {
    if (!existsSync(path)) throw new Error(`${path} is missing; ${remedy}`);
  }
  const { build } = await import('esbuild');
  const { chromium } = await import('playwright-core');
  const { outputFiles } = await build({
    entryPoints: [PAGE],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    logLevel: 'error',
  });
  const args = ['--no-sandbox', ...(process.env['TFJS_CNN_GPU'] ? [] : SOFTWARE)];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
    console.log(`${await page.evaluate(() => (globalThis as unknown as { bench: PageBench }).bench.renderer())}\n`);
    return await page.evaluate(() => (globalThis as unknown as { bench: PageBench }).bench.rows());
  } finally {
    await browser.close();
  }
}
