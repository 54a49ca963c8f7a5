/** Chromium on a page of this package: found on the machine, driven by playwright-core, served from here. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { ownUrl } from '../../own-url.js';
import { BackendError } from '../backends.js';

/** Who draws and computes: the GPU that Chromium finds, or the software driver that it brings. */
export type Driver = 'gpu' | 'software';

/** WebGL 2 and WebGPU by SwiftShader, which is everywhere the same. */
export const SOFTWARE_FLAGS: readonly string[] = [
  ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--enable-unsafe-webgpu'],
  ...['--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-webgpu-adapter=swiftshader'],
];

const FLAGS: Readonly<Record<Driver, readonly string[]>> = {
  gpu: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist', '--enable-unsafe-swiftshader'],
  software: SOFTWARE_FLAGS,
};

/** Where systems put Chromium or Chrome; TFJS_CNN_CHROMIUM names another. */
export function findChromium(): string | undefined {
  const places = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return [process.env['TFJS_CNN_CHROMIUM'], ...places].find((path) => path && existsSync(path));
}

/** Headers that make a page cross-origin-isolated: wasm-cnn has its threads then. */
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Opens the page, lets `work` use it, and closes everything.
 * @throws BackendError where the browser, or what drives it, is missing
 */
export async function withPage<T>(driver: Driver, work: (page: Page) => Promise<T>): Promise<T> {
  const executablePath = findChromium();
  if (!executablePath) throw new BackendError('no Chromium is found; install one, or name it in TFJS_CNN_CHROMIUM');
  const { chromium } = await needed<typeof import('playwright-core')>('playwright-core', () => import('playwright-core'));
  const script = await bundledPage();
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html', ...ISOLATED });
    response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><script src="page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Chromium's own sandbox refuses root.
  const args = [...FLAGS[driver], ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await work(page);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

async function bundledPage(): Promise<string> {
  const { build } = await needed<typeof import('esbuild')>('esbuild', () => import('esbuild'));
  const places = ['dist/esm/cli/certify/page.js', 'src/cli/certify/page.ts'].map((path) => join(packageFolder(), path));
  const entry = places.find((path) => existsSync(path));
  if (!entry) throw new BackendError(`the page is not built: ${places[0]} is missing; npm run build makes it`);
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // Packages say that their files do nothing when they are imported; registering backends is something.
    ignoreAnnotations: true,
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

/** Where this package lies; of code that was bundled elsewhere, as the program that runs finds it. */
function packageFolder(): string {
  const place = ownUrl()?.match(/^(.*\/)(dist\/(esm|cjs)|src)\/[^/]*$/);
  if (place) return fileURLToPath(place[1]!);
  return dirname(createRequire(process.argv[1]!).resolve('tfjs-cnn/package.json'));
}

async function needed<Module>(name: string, load: () => Promise<unknown>): Promise<Module> {
  try {
    return (await load()) as Module;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new BackendError(`--browser needs the package ${name}: npm install --save-dev ${name} (${reason})`);
  }
}
