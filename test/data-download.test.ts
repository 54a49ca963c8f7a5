import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { downloadFiles } from '../src/data/download-node.js';
import { cacheFolder, findMnist } from '../src/data/find-mnist-node.js';
import { MNIST_FILES } from '../src/data/mnist-mirrors.js';
import { sharedPath, testIf } from './requires.js';

const contents = Buffer.from(Array.from({ length: 40000 }, (_, i) => (i * i) % 253));
const packed = gzipSync(contents);
const describeFile = (name: string, bytes: Uint8Array) => ({
  name,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
const file = describeFile('numbers.gz', contents);

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A mirror on the loopback interface; gives its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const good = () => serve((_, response) => response.end(packed));
const absent = () => serve((_, response) => response.writeHead(404).end());
/** Says how much will come, sends half of it and then nothing more. */
const stalling = () =>
  serve((_, response) => {
    response.writeHead(200, { 'content-length': packed.length });
    response.write(packed.subarray(0, packed.length / 2));
  });
const silent = () => serve(() => undefined);
const truncating = () =>
  serve((_, response) => {
    response.writeHead(200, { 'content-length': packed.length });
    response.write(packed.subarray(0, packed.length / 2), () => response.destroy());
  });

const times = { connectTimeout: 1000, stallTimeout: 1000 };

describe('downloadFiles', () => {
  it('fetches and keeps a file whose checksum is right', async () => {
    const progress: number[] = [];
    await downloadFiles([file], [await good()], join(folder, 'new'), { onProgress: (bytes) => progress.push(bytes) });
    expect(readFileSync(join(folder, 'new/numbers.gz'))).toEqual(packed);
    expect(readdirSync(join(folder, 'new'))).toEqual(['numbers.gz']);
    expect(progress.at(-1)).toBe(packed.length);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['the file is absent', absent, /404 Not Found/],
    ['the contents are wrong', () => serve((_, response) => response.end(gzipSync('other'))), /wrong contents: expected sha256/],
    [
      'the stream is no gzip',
      () => serve((_, response) => response.end(packed.subarray(0, packed.length - 20))),
      /unexpected end of file/,
    ],
    ['a web page comes instead', () => serve((_, response) => response.end('<html>Please log in</html>')), /wrong contents/],
    ['the connection breaks', truncating, /terminated|aborted|closed/],
    ['it stalls', stalling, /nothing came for 1000 ms, after \d+ bytes/],
    ['it never answers', silent, /no answer in 1000 ms/],
    ['it sends without end', () => serve((_, response) => response.end(Buffer.alloc(1e6))), /longer than 41024 bytes/],
    ['it unpacks without end', () => serve((_, response) => response.end(gzipSync(Buffer.alloc(1e6)))), /larger than 40001/],
    ['nobody listens', async () => 'http://127.0.0.1:9/', /fetch failed|bad port/],
  ])('goes to the next mirror where %s, and names it where there is none', async (_, mirror, reason) => {
    const bad = await mirror();
    const { message } = (await downloadFiles([file], [bad], folder, times).catch((error: Error) => error)) as Error;
    expect(message).toContain(`numbers.gz could not be downloaded. ${bad}`);
    expect(message).toMatch(reason);
    expect(readdirSync(folder)).toEqual([]);
    await downloadFiles([file], [bad, await good()], folder, times);
    expect(gunzipSync(readFileSync(join(folder, 'numbers.gz')))).toEqual(contents);
  });

  it('keeps the old file where the new one does not come', async () => {
    writeFileSync(join(folder, 'numbers.gz'), 'old');
    await expect(downloadFiles([file], [await absent()], folder, times)).rejects.toThrow(/404/);
    expect(readFileSync(join(folder, 'numbers.gz'), 'utf8')).toBe('old');
  });

  it('ends at once when aborted', async () => {
    const abort = new AbortController();
    const fetching = downloadFiles([file], [await silent(), await good()], folder, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(fetching).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('findMnist', () => {
  const idx = (dimensions: number[], values: number) => {
    const header = Buffer.alloc(4 + 4 * dimensions.length);
    header.writeUInt32BE(0x800 + dimensions.length);
    dimensions.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
    return Buffer.concat([
      header,
      Buffer.alloc(
        dimensions.reduce((a, b) => a * b),
        values,
      ),
    ]);
  };
  const parts: Record<string, Buffer> = {
    'train-images-idx3-ubyte.gz': idx([5, 2, 2], 9),
    'train-labels-idx1-ubyte.gz': idx([5], 3),
    't10k-images-idx3-ubyte.gz': idx([2, 2, 2], 9),
    't10k-labels-idx1-ubyte.gz': idx([2], 3),
  };
  const files = Object.entries(parts).map(([name, bytes]) => describeFile(name, bytes));
  const fill = (path: string) => {
    mkdirSync(path, { recursive: true });
    for (const [name, bytes] of Object.entries(parts)) writeFileSync(join(path, name), gzipSync(bytes));
  };
  const mirror = () => serve((request, response) => response.end(gzipSync(parts[(request.url ?? '').slice(1)])));

  it('takes TFJS_CNN_DATA, itself or its folder mnist', async () => {
    fill(join(folder, 'mnist'));
    for (const named of [folder, join(folder, 'mnist')]) {
      const found = await findMnist({ environment: { TFJS_CNN_DATA: named }, mirrors: [] });
      expect([found?.train.count, found?.train.sourceDescription]).toEqual([5, join(folder, 'mnist')]);
    }
  });

  it('downloads into the cache and takes it from there the next time', async () => {
    const environment = { XDG_CACHE_HOME: folder };
    const notices: string[] = [];
    const onNotice = (message: string) => notices.push(message);
    const found = await findMnist({ environment, files, mirrors: [await mirror()], onNotice });
    expect(found?.train.count).toBe(5);
    expect(notices).toEqual([`downloading MNIST (11 MB) to ${join(cacheFolder(environment), 'mnist')}`]);
    const again = await findMnist({ environment, files, mirrors: [], onNotice });
    expect([again?.test.count, notices.length]).toEqual([2, 1]);
  });

  it('says that the cache is damaged and fetches anew', async () => {
    const environment = { XDG_CACHE_HOME: folder };
    fill(join(folder, 'tfjs-cnn/mnist'));
    writeFileSync(
      join(folder, 'tfjs-cnn/mnist/train-images-idx3-ubyte.gz'),
      gzipSync(parts['train-images-idx3-ubyte.gz']).subarray(0, 20),
    );
    const notices: string[] = [];
    const found = await findMnist({ environment, files, mirrors: [await mirror()], onNotice: (m) => notices.push(m) });
    expect(found?.train.count).toBe(5);
    expect(notices[0]).toMatch(/damaged .*train-images/);
  });

  it('says what was tried where MNIST is nowhere', async () => {
    const notices: string[] = [];
    const options = { environment: { TFJS_CNN_DATA: folder, XDG_CACHE_HOME: folder }, files, ...times };
    expect(await findMnist({ ...options, mirrors: [await absent()], onNotice: (m) => notices.push(m) })).toBeUndefined();
    expect(notices.join('\n')).toMatch(/TFJS_CNN_DATA names .*\n.*downloading.*\nMNIST cannot be had: .*404/);
  });

  testIf('mnist', 'its checksums are those of the real files', () => {
    for (const { name, bytes, sha256 } of MNIST_FILES) {
      expect(describeFile(name, gunzipSync(readFileSync(sharedPath('mnist', name))))).toEqual({ name, bytes, sha256 });
    }
  });
});
