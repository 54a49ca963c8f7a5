/** Which tiles suit an adapter is found once and known from then on, whatever has become of the file that says so. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebgpuBackend } from '../src/backends/webgpu/backend.js';
import type * as tileTiming from '../src/backends/webgpu/tile-timing.js';
import type * as tiles from '../src/backends/webgpu/tiles.js';

const ADAPTER = { vendor: 'somebody', architecture: 'some-gpu', device: 'model 1', description: 'driver 3.2' };

/** The modules as a new process has them. */
function newProcess(): typeof tiles & typeof tileTiming {
  jest.resetModules();
  return { ...require('../src/backends/webgpu/tiles.js'), ...require('../src/backends/webgpu/tile-timing.js') };
}

/** A backend on which nothing can be timed. */
const onAdapter = (adapterInfo: object) => ({ device: { adapterInfo }, adapterInfo: {} }) as unknown as WebgpuBackend;

function remembers(place: { read(): string | null; write(text: string): void }): void {
  const found = (adapter: object = ADAPTER) => {
    const { isUndecided, tileChoiceOf } = newProcess();
    return isUndecided(adapter) ? undefined : tileChoiceOf(adapter);
  };

  test('is known in the next process, which times nothing', async () => {
    expect(found()).toBeUndefined();
    newProcess().rememberChoice(ADAPTER, 'shared128', true);
    expect(found()).toBe('shared128');
    const { chooseTiles, tileChoiceOf } = newProcess();
    await chooseTiles(onAdapter(ADAPTER));
    expect(tileChoiceOf(ADAPTER)).toBe('shared128');
    await expect(newProcess().chooseTiles(onAdapter({ ...ADAPTER, description: 'driver 3.3' }))).rejects.toThrow();
  });

  test('is known for each adapter and driver', () => {
    newProcess().rememberChoice(ADAPTER, 'direct', true);
    newProcess().rememberChoice({ ...ADAPTER, device: 'model 2' }, 'shared64', true);
    expect(found()).toBe('direct');
    expect(found({ ...ADAPTER, device: 'model 2' })).toBe('shared64');
    expect(found({ ...ADAPTER, description: 'driver 3.3' })).toBeUndefined();
  });

  test('a software driver is not timed, and nothing is written for it', async () => {
    for (const architecture of ['swiftshader', 'software']) {
      const { chooseTiles, tileChoiceOf } = newProcess();
      await chooseTiles(onAdapter({ ...ADAPTER, architecture }));
      expect(tileChoiceOf({ ...ADAPTER, architecture })).toBe('direct');
    }
    expect(place.read()).toBeNull();
  });

  test('many adapters are not kept for ever', () => {
    for (let i = 0; i < 40; i++) newProcess().rememberChoice({ ...ADAPTER, device: `model ${i}` }, 'shared64', true);
    expect(found({ ...ADAPTER, device: 'model 39' })).toBe('shared64');
    expect(found({ ...ADAPTER, device: 'model 3' })).toBeUndefined();
    expect(place.read()!.length).toBeLessThan(2000);
  });

  const key = Object.values(ADAPTER).join('/');
  test.each([
    ['nothing', ''],
    ['cut off', '{"version":1,"choices":{"somebody/some-'],
    ['no JSON', '\u0000\u0001\u0002'],
    ['a list', '[1, 2]'],
    ['null', 'null'],
    ['another version', JSON.stringify({ version: 0, choices: { [key]: 'direct' } })],
    ['no choices', '{"version":1}'],
    ['a tile that there is not', JSON.stringify({ version: 1, choices: { [key]: 'shared512' } })],
    ['a tile that is no text', JSON.stringify({ version: 1, choices: { [key]: { toString: 'direct' } } })],
  ])('what holds %s counts as absent and is written anew', (_what, text) => {
    place.write(text);
    expect(found()).toBeUndefined();
    newProcess().rememberChoice(ADAPTER, 'shared64', true);
    expect(found()).toBe('shared64');
  });
}

describe('in a folder', () => {
  let cache: string;
  const before = process.env['XDG_CACHE_HOME'];
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'tfjs-cnn-tiles-'));
    process.env['XDG_CACHE_HOME'] = cache;
  });
  afterEach(() => {
    rmSync(cache, { recursive: true, force: true });
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
  const file = () => join(cache, 'tfjs-cnn/webgpu-tiles.json');

  remembers({
    read: () => (existsSync(file()) ? readFileSync(file(), 'utf8') : null),
    write(text) {
      mkdirSync(join(cache, 'tfjs-cnn'), { recursive: true });
      writeFileSync(file(), text);
    },
  });

  test('leaves nothing but the file there', () => {
    newProcess().rememberChoice(ADAPTER, 'shared64', true);
    expect(readdirSync(join(cache, 'tfjs-cnn'))).toEqual(['webgpu-tiles.json']);
  });

  test('a place where nothing can be written does no harm', () => {
    writeFileSync(join(cache, 'tfjs-cnn'), 'a file where the folder should be');
    const { rememberChoice, tileChoiceOf } = newProcess();
    rememberChoice(ADAPTER, 'shared128', true);
    expect(tileChoiceOf(ADAPTER)).toBe('shared128');
    expect(readdirSync(cache)).toEqual(['tfjs-cnn']);
  });
});

describe('on a page', () => {
  const page = globalThis as { localStorage?: unknown };
  const builtin = process.getBuiltinModule;
  const own = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
  let texts: Map<string, string>;
  beforeEach(() => {
    texts = new Map();
    const storage = {
      getItem: (name: string) => texts.get(name) ?? null,
      setItem: (name: string, text: string) => void texts.set(name, text),
    };
    Object.defineProperty(page, 'localStorage', { value: storage, configurable: true });
    process.getBuiltinModule = (() => undefined) as never;
  });
  afterEach(() => {
    process.getBuiltinModule = builtin;
    delete page.localStorage;
    if (own) Object.defineProperty(page, 'localStorage', own);
  });

  remembers({
    read: () => texts.get('tfjs-cnn-webgpu-tiles') ?? null,
    write: (text) => void texts.set('tfjs-cnn-webgpu-tiles', text),
  });

  test('a page that may keep nothing does no harm', () => {
    Object.defineProperty(page, 'localStorage', {
      get: () => {
        throw new Error('The operation is insecure.');
      },
      configurable: true,
    });
    const { isUndecided, rememberChoice, tileChoiceOf } = newProcess();
    expect(isUndecided(ADAPTER)).toBe(true);
    rememberChoice(ADAPTER, 'shared64', true);
    expect(tileChoiceOf(ADAPTER)).toBe('shared64');
  });
});
