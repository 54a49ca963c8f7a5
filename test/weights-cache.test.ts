/** Weights from addresses: what is fetched is kept, with its checksum. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';
import { DataError } from '../src/data/index.js';
import { type CacheOptions, layers, loadWeights } from '../src/index.js';
import { bytesInPage } from '../src/weights/cache/page-cache.js';

beforeAll(() => tf.setBackend('cpu'));

const model = () => sequential({ layers: [layers.dense({ name: 'fc', inputShape: [2], units: 3 })] });

/** A safetensors file of the model above. */
function fileOf(first: number): Uint8Array<ArrayBuffer> {
  const data = Buffer.alloc(9 * 4);
  for (let i = 0; i < 9; i++) data.writeFloatLE(first + i, 4 * i);
  const header = JSON.stringify({
    'fc.weight': { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
    'fc.bias': { dtype: 'F32', shape: [3], data_offsets: [24, 36] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Uint8Array.from(Buffer.concat([length, Buffer.from(header), data]));
}
const file = fileOf(1);
const sha256 = createHash('sha256').update(file).digest('hex');

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weights-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** An address on the loopback interface, and how often it was asked. */
async function serve(answer: RequestListener): Promise<{ url: string; asked: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/nets/fc.safetensors`, asked: () => count };
}

const whole: RequestListener = (_, response) => response.end(file);
const truncated: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': file.length });
  response.write(file.subarray(0, file.length / 2), () => response.destroy());
};

async function load(url: string, options: CacheOptions = {}): Promise<number[]> {
  const net = model();
  await loadWeights(net, url, { cacheDir: folder, ...options });
  const values = Array.from(net.getWeights()[1]!.dataSync());
  net.dispose();
  return values;
}

/** Names in the cache, sorted. */
const kept = () => (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /[/\\]/.test(name)).sort();
const pathOf = (name: string) => join(folder, kept().find((each) => each.endsWith(name))!);

test('what was fetched is taken from the folder the next time, also when the server is gone', async () => {
  const { url, asked } = await serve(whole);
  expect(await load(url)).toEqual([7, 8, 9]);
  expect(await load(url, { sha256: sha256.toUpperCase() })).toEqual([7, 8, 9]);
  expect(asked()).toBe(1);
  expect(kept()).toEqual([expect.stringMatching(/fc\.safetensors$/), expect.stringMatching(/fc\.safetensors\.sha256$/)]);
  expect(readFileSync(pathOf('.safetensors')).equals(file)).toBe(true);
});

test('progress is told', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': file.length });
    response.end(file);
  });
  const told: unknown[] = [];
  await load(url, { onProgress: (bytes, of) => told.push([bytes, of]) });
  expect(told.at(-1)).toEqual([file.length, file.length]);
});

test('a file that was damaged on the disk is fetched again', async () => {
  const { url, asked } = await serve(whole);
  await load(url);
  const damaged = Buffer.from(file);
  damaged[damaged.length - 1] ^= 1;
  for (const contents of [damaged, file.subarray(0, 20), Buffer.alloc(0)]) {
    writeFileSync(pathOf('.safetensors'), contents);
    expect(await load(url)).toEqual([7, 8, 9]);
  }
  rmSync(pathOf('.sha256'));
  expect(await load(url)).toEqual([7, 8, 9]);
  expect(asked()).toBe(5);
});

test('contents with another checksum than was asked for are refused, and not kept', async () => {
  const { url, asked } = await serve(whole);
  const other = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  await expect(load(url, { sha256: other })).rejects.toThrow(DataError);
  await expect(load(url, { sha256: other })).rejects.toThrow(`expected contents with the sha256 ${other}, found ${sha256}`);
  expect(kept()).toEqual([]);
  await load(url);
  // Kept, but not what is asked for.
  await expect(load(url, { sha256: other })).rejects.toThrow(other);
  expect(asked()).toBe(4);
  expect(await load(url)).toEqual([7, 8, 9]);
  expect(asked()).toBe(4);
});

test('files and bytes at hand have their checksum verified, too', async () => {
  const path = join(folder, 'own.safetensors');
  writeFileSync(path, file);
  for (const source of [path, new Uint8Array(file), new Blob([file])]) {
    const net = model();
    await loadWeights(net, source, { sha256 });
    await expect(loadWeights(net, source, { sha256: '0'.repeat(64) })).rejects.toThrow('expected contents with the sha256 000');
  }
});

test('of a download that ends early nothing is left, and the next one succeeds', async () => {
  let broken = true;
  const { url } = await serve((request, response) => (broken ? truncated : whole)(request, response));
  await expect(load(url)).rejects.toThrow(/fc\.safetensors: expected a file/);
  expect(kept()).toEqual([]);
  broken = false;
  expect(await load(url)).toEqual([7, 8, 9]);
});

test('a download that is ended leaves what was there', async () => {
  let stall = false;
  const { url } = await serve((_, response) => {
    if (!stall) return void response.end(file);
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 10));
  });
  await load(url);
  stall = true;
  const abort = new AbortController();
  const going = load(url, { sha256: '1'.repeat(64), signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
  await expect(going).rejects.toThrow('enough');
  expect(kept()).toHaveLength(2);
  expect(await load(url)).toEqual([7, 8, 9]);
});

test('downloads at once do not disturb each other', async () => {
  let count = 0;
  // Slowly, in pieces, some of them of a newer file.
  const { url } = await serve((_, response) => {
    const contents = fileOf(++count % 2 === 0 ? 1 : 100);
    response.write(contents.subarray(0, 60));
    setTimeout(() => response.end(contents.subarray(60)), 5 * count);
  });
  for (const values of await Promise.all(Array.from({ length: 8 }, () => load(url)))) {
    expect([
      [7, 8, 9],
      [106, 107, 108],
    ]).toContainEqual(values);
  }
  expect(kept()).toHaveLength(2);
  expect((await load(url)).length).toBe(3);
});

test('what killed processes left is removed, what others write is not', async () => {
  const { url } = await serve(whole);
  await load(url);
  const [old, young] = ['a.1-00000000.part', 'b.1-00000000.part'].map((name) => join(pathOf('.sha256'), '..', name)) as [
    string,
    string,
  ];
  for (const path of [old, young]) writeFileSync(path, 'half');
  const yesterday = new Date(Date.now() - 86_400_000);
  utimesSync(old, yesterday, yesterday);
  rmSync(pathOf('.sha256'));
  await load(url);
  expect(kept().map((name) => name.slice(17))).toEqual(['b.1-00000000.part', 'fc.safetensors', 'fc.safetensors.sha256']);
  expect(statSync(young).size).toBe(4);
});

test('nothing is kept where nobody wants it', async () => {
  const { url, asked } = await serve(whole);
  for (let i = 0; i < 2; i++) expect(await load(url, { cacheDir: false, sha256 })).toEqual([7, 8, 9]);
  expect(asked()).toBe(2);
  expect(kept()).toEqual([]);
  await expect(load(url, { cacheDir: false, sha256: '0'.repeat(64) })).rejects.toThrow('expected contents with the sha256 000');
});

test('an address cannot name a place outside of the folder', async () => {
  const { url } = await serve(whole);
  for (const path of ['/..%2f..%2fescaped', '/%2e%2e', '/a.part', '/a.sha256', '/', '/%00%zz']) {
    expect(await load(new URL(path, url).href)).toEqual([7, 8, 9]);
  }
  expect(readdirSync(folder).every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true);
  expect(kept().every((name) => /^[0-9a-f]{16}[/\\][\w. -]+$/.test(name))).toBe(true);
});

test.each([
  [{ sha256: 'abc' }, 'loadWeights: sha256 must be 64 hexadecimal digits, got "abc"'],
  [{ cacheDir: '' }, 'loadWeights: cacheDir must be a folder, or false, got ""'],
  [{ cachedir: 'x' }, "loadWeights: there is no option 'cachedir'"],
])('refuses %j', async (options, message) => {
  await expect(load('http://127.0.0.1:9/x', options as CacheOptions)).rejects.toThrow(message);
});

describe("a page's cache", () => {
  /** As the Cache API has it, of one cache. */
  class Store {
    readonly kept = new Map<string, Response>();
    full = false;
    open = async () => this;
    match = async (url: string) => this.kept.get(url)?.clone();
    async put(url: string, response: Response) {
      if (this.full) throw new Error('QuotaExceededError');
      this.kept.set(url, response);
    }
  }
  let store: Store;
  beforeEach(() => {
    store = new Store();
    (globalThis as { caches?: unknown }).caches = store;
  });
  afterEach(() => {
    delete (globalThis as { caches?: unknown }).caches;
  });
  const bytes = async (url: string, options: CacheOptions = {}) => Buffer.from(await bytesInPage('nets', new URL(url), options));

  test('keeps what was fetched, and fetches again what is damaged', async () => {
    const { url, asked } = await serve(whole);
    for (let i = 0; i < 2; i++) expect((await bytes(url, { sha256 })).equals(file)).toBe(true);
    expect(asked()).toBe(1);
    const { headers } = store.kept.get(url)!;
    store.kept.set(url, new Response(file.subarray(1), { headers }));
    expect((await bytes(url)).equals(file)).toBe(true);
    expect(asked()).toBe(2);
  });

  test('refuses another checksum, and does without where it is full', async () => {
    const { url, asked } = await serve(whole);
    await expect(bytes(url, { sha256: '0'.repeat(64) })).rejects.toThrow('expected contents with the sha256 000');
    expect(store.kept.size).toBe(0);
    store.full = true;
    for (let i = 0; i < 2; i++) expect((await bytes(url)).equals(file)).toBe(true);
    expect(asked()).toBe(3);
  });
});
