/** A real browser on a page that holds this package and may ask for real data. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { bundlePage as bundle } from '../../src/cli/chromium/bundle-page.js';
import { type Answer, ServedPages } from '../../src/cli/chromium/served-pages.js';
import { sharedPath } from '../requires.js';
import type { Exercises } from './page.js';

export type { Isolation } from '../../src/cli/chromium/served-pages.js';

/** Real data, as the page asks for them: '/data/golden/ops.json' say. */
const DATA = '/data/';

const data: Answer = (path, response) => {
  if (!path.startsWith(DATA)) return false;
  createReadStream(sharedPath(path.slice(DATA.length)))
    .on('error', () => response.writeHead(404).end())
    .pipe(response);
  return true;
};

/** On Chromium's software driver, which is everywhere the same. */
export class PageHost extends ServedPages {
  /** @param script what the page runs; default: its exercises, bundled from sources */
  static async start(script?: string): Promise<PageHost> {
    return PageHost.serve(script ?? (await bundlePage()), 'software', { answer: data, sandbox: false });
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
export const bundlePage = (entry = 'browser/page.ts'): Promise<string> => bundle(join(__dirname, '..', entry));
