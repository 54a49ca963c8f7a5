/** Chromium on pages of one script: found on the machine, driven by playwright-core, served from here. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { BackendError } from '../backends.js';
import { browserPackage } from './browser-package.js';
import { type Driver, findChromium, flagsOf } from './find-chromium.js';

/** Whether a page may share memory between threads. */
export type Isolation = 'isolated' | 'plain';

/** Headers that make a page cross-origin-isolated, without which there is no SharedArrayBuffer: wasm-cnn has its threads then. */
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Answers what is neither page nor script; false where it does not know the path. */
export type Answer = (path: string, response: ServerResponse) => boolean;

/** Options of ServedPages.serve. */
export interface ServingOptions {
  readonly answer?: Answer;
  /** Whether Chromium keeps its own sandbox; default: unless root runs it, whom it refuses. */
  readonly sandbox?: boolean;
}

/** A running browser with a loopback server beside it. */
export class ServedPages {
  protected constructor(
    private readonly browser: Browser,
    private readonly server: Server,
  ) {}

  /** @throws BackendError where the browser, or what drives it, is missing */
  static async serve(script: string, driver: Driver, options: ServingOptions = {}): Promise<ServedPages> {
    const { answer = () => false, sandbox = process.getuid?.() !== 0 } = options;
    const executablePath = findChromium();
    if (!executablePath) throw new BackendError('no Chromium is found; install one, or name it in TFJS_CNN_CHROMIUM');
    const { chromium } = await browserPackage<typeof import('playwright-core')>(
      'playwright-core',
      () => import('playwright-core'),
    );
    const server = createServer(({ url }, response) => {
      if (answer(url!, response)) return;
      const isScript = url!.endsWith('.js');
      response.writeHead(200, {
        'Content-Type': isScript ? 'text/javascript' : 'text/html',
        ...(url!.startsWith('/isolated/') ? ISOLATED : {}),
      });
      response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><script src="page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return new ServedPages(await chromium.launch({ executablePath, args: flagsOf(driver, sandbox) }), server);
    } catch (error) {
      server.close();
      throw error;
    }
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
