/** A real browser on a page that holds this package: Chromium, a loopback server, one bundle. */
import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { SOFTWARE_FLAGS } from '../../src/cli/certify/chromium.js';
import { chromiumPath, sharedPath } from '../requires.js';
import type { Exercises } from './page.js';

/** Whether a page may share memory between threads. */
export type Isolation = 'isolated' | 'plain';

/** Headers that make a page cross-origin-isolated, without which there is no SharedArrayBuffer. */
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Without Chromium's own sandbox, which a root user and most containers cannot have. */
const FLAGS = ['--no-sandbox', ...SOFTWARE_FLAGS];

/** Real data, as the page asks for them: '/data/golden/ops.json' say. */
const DATA = '/data/';

/** A running browser with the test page's server beside it. */
export class PageHost {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
  ) {}

  /** @param script what the page runs; default: its exercises, bundled from sources */
  static async start(script?: string): Promise<PageHost> {
    script ??= await bundlePage();
    const server = createServer(({ url }, response) => {
      if (url!.startsWith(DATA)) {
        createReadStream(sharedPath(url!.slice(DATA.length)))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
        return;
      }
      const isScript = url!.endsWith('.js');
      response.writeHead(200, {
        'Content-Type': isScript ? 'text/javascript' : 'text/html',
        ...(url!.startsWith('/isolated/') ? ISOLATED : {}),
      });
      response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><script src="page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: chromiumPath!, args: FLAGS });
    return new PageHost(browser, server);
  }

  async open(isolation: Isolation): Promise<Page> {
    const page = await this.browser.newPage();
    page.on('pageerror', (error) => console.error(`The page fails: ${error.stack ?? error.message}`));
    const { port } = this.server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/${isolation}/`);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** What runs one of a page's exercises there and returns its result. */
export function exerciserOf<Of extends Record<keyof Of, (...args: never[]) => unknown>>() {
  return <Name extends keyof Of>(
    page: Page,
    name: Name,
    ...args: Parameters<Of[Name]>
  ): Promise<Awaited<ReturnType<Of[Name]>>> => {
    type Run = (...values: unknown[]) => Awaited<ReturnType<Of[Name]>>;
    return page.evaluate(
      ([key, values]) => ((globalThis as unknown as { exercises: Record<string, Run> }).exercises[key] as Run)(...values),
      [name as string, args as unknown[]] as const,
    );
  };
}

/** Of the page that start() bundles by default. */
export const exercise = exerciserOf<Exercises>();

/** A page's script, bundled from sources. @param entry path in test/ */
export async function bundlePage(entry = 'browser/page.ts'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, '..', entry)],
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
