/** Weights read in a page: from files that somebody chose, and from addresses. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { type StoredArray, writeWeights } from '../src/weights/index.js';
import { PageHost } from './browser/browser.js';
import { describeIf } from './requires.js';
import { type Told, toldAll } from './told-arrays.js';

const root = resolve(__dirname, '..');

const arrays: Record<string, StoredArray> = {
  'layer/kernel': { shape: [3, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN) },
  'layer/bias': { shape: [2], dtype: 'float16', data: Float32Array.of(0.5, -0.25) },
  count: { shape: [], dtype: 'int32', data: Int32Array.of(7) },
};

/** Reads, tells every array by its SHA-256, writes and reads again. */
const PAGE = `
import { readWeights, writeWeights } from './src/weights/index.js';
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const tell = async ({ arrays }) => {
  const told = {};
  for (const [name, { shape, dtype, data }] of Object.entries(arrays)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    told[name] = { shape, dtype, sha256: hex(await crypto.subtle.digest('SHA-256', bytes)) };
  }
  return told;
};
globalThis.fromAddress = async (address) => {
  const file = await readWeights(address);
  return { format: file.format, told: await tell(file), again: await tell(await readWeights(await writeWeights(file, 'npz'))) };
};
globalThis.fromFiles = async (input) => {
  const file = await readWeights(input.files);
  return { format: file.format, told: await tell(file) };
};
globalThis.message = (address) => readWeights(address).then(() => 'nothing', ({ name, message }) => name + ': ' + message);`;

describeIf('chromium', 'in Chromium', () => {
  const served = new Map<string, Uint8Array>();
  let host: PageHost;
  let server: Server;
  let page: Page;
  let address: string;
  const expected = toldAll({ arrays });

  beforeAll(async () => {
    for (const format of ['safetensors', 'pytorch', 'npz'] as const)
      served.set(`a.${format}`, await writeWeights(arrays, format));
    for (const [name, bytes] of Object.entries(await writeWeights(arrays, 'tfjs'))) served.set(name, bytes);
    server = createServer(({ url }, response) => {
      const { pathname, search } = new URL(url!, 'http://localhost');
      const bytes = served.get(decodeURIComponent(pathname.slice(1)));
      // As servers do whose addresses are signed.
      response.writeHead(bytes && search === '?signed=1' ? 200 : 403, { 'Access-Control-Allow-Origin': '*' });
      response.end(bytes);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: root },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      // The manifest's sideEffects speak of dist/, and this bundles src/: keep every import.
      ignoreAnnotations: true,
      write: false,
      logLevel: 'error',
    });
    host = await PageHost.start(outputFiles[0]!.text);
    page = await host.open('plain');
  }, 120_000);
  afterAll(async () => {
    await host?.stop();
    server?.closeAllConnections();
    server?.close();
  });

  test.each(['safetensors', 'pytorch', 'npz'])('an address of %s', async (format) => {
    const read = await page.evaluate(`fromAddress('${address}/a.${format}?signed=1')`);
    expect(read).toEqual({ format, told: expected, again: expected });
  });

  test('an address of model.json, whose shards lie beside it', async () => {
    const read = (await page.evaluate(`fromAddress('${address}/model.json?signed=1')`)) as { told: Record<string, Told> };
    expect(read.told).toEqual(expected);
  });

  test('what the server says is told', async () => {
    const message = await page.evaluate(`message('${address}/a.npz')`);
    expect(message).toMatch(/^DataError: http.*a\.npz: expected a file, found the server answers 403/);
  });

  test.each(['safetensors', 'pytorch', 'npz', 'tfjs'])('files that were chosen, of %s', async (format) => {
    const names = format === 'tfjs' ? [...served.keys()].filter((name) => /json|bin/.test(name)) : [`a.${format}`];
    await page.setContent('<input type="file" multiple>');
    const files = names.map((name) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(served.get(name)!) }));
    await page.locator('input').setInputFiles(files);
    expect(await page.evaluate(`fromFiles(document.querySelector('input'))`)).toEqual({ format, told: expected });
  });
});
