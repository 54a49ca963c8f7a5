import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { decodePicture } from '../src/data/decode-picture.js';
import { hasClassFolders, readImageFolder } from '../src/data/read-image-folder-node.js';
import { resizeToCover } from '../src/data/resize.js';
import { sharedPath, testIf } from './requires.js';

function png(width: number, height: number, channels: number, data: number[], depth: 1 | 8 | 16 = 8): Uint8Array {
  return encodePng({ width, height, channels, depth, data: depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data) });
}

const flat = (width: number, height: number, rgb: number[]) =>
  png(
    width,
    height,
    3,
    Array.from({ length: 3 * width * height }, (_, i) => rgb[i % 3]),
  );

describe('decodePicture', () => {
  it.each<[string, Uint8Array, number[]]>([
    ['RGB', png(1, 1, 3, [10, 20, 30]), [10, 20, 30]],
    ['grey', png(1, 1, 1, [77]), [77, 77, 77]],
    ['grey of 16 bits', png(1, 1, 1, [65535], 16), [255, 255, 255]],
    ['transparent becomes white', png(1, 1, 4, [10, 20, 30, 0]), [255, 255, 255]],
    ['opaque stays', png(1, 1, 4, [10, 20, 30, 255]), [10, 20, 30]],
  ])('PNG: %s', async (_, bytes, rgb) => {
    expect([...(await decodePicture(bytes, 'a.png', 3)).pixels]).toEqual(rgb);
  });

  it('JPEG', async () => {
    const { data } = jpeg.encode({ width: 8, height: 8, data: new Uint8Array(256).fill(200) }, 100);
    const { pixels, height, width } = await decodePicture(data, 'a.jpg', 1);
    expect([height, width, pixels.length]).toEqual([8, 8, 64]);
    for (const value of pixels) expect(Math.abs(value - 200)).toBeLessThanOrEqual(1);
  });

  it('makes grey as ITU-R 601 says', async () => {
    expect([...(await decodePicture(png(1, 1, 3, [255, 0, 0]), 'a.png', 1)).pixels]).toEqual([76]);
  });

  it('names what it cannot decode', async () => {
    await expect(decodePicture(Buffer.from('GIF89a'), 'a.gif', 3)).rejects.toThrow(
      /a.gif: expected a JPEG or PNG picture, found 6 bytes beginning with 47 49 46 38/,
    );
    await expect(decodePicture(new Uint8Array(0), 'b', 3)).rejects.toThrow(/b: .* an empty file/);
    await expect(decodePicture(flat(9, 9, [1, 2, 3]).subarray(0, 50), 'c.png', 3)).rejects.toThrow(
      /c.png: expected a picture that can be decoded/,
    );
    const whole = jpeg.encode(
      { width: 64, height: 64, data: Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i * i) % 251) },
      90,
    ).data;
    await expect(decodePicture(whole.subarray(0, 500), 'd.jpg', 3)).rejects.toThrow(/d.jpg: expected a picture/);
  });

  it('refuses a small file that claims to be huge', async () => {
    const bytes = Uint8Array.from(flat(1, 1, [0, 0, 0]));
    new DataView(bytes.buffer).setUint32(16, 2 ** 30);
    new DataView(bytes.buffer).setUint32(20, 2 ** 30);
    await expect(decodePicture(bytes, 'bomb.png', 3)).rejects.toThrow(
      /bomb.png: expected at most 100000000 pixels, found 1073741824 x 1073741824/,
    );
  });
});

describe('resizeToCover', () => {
  const picture = (width: number, height: number, pixels: number[]) => ({
    width,
    height,
    channels: 1,
    pixels: Uint8Array.from(pixels),
  });
  it('keeps a picture of the right size, and an even colour', () => {
    const one = picture(2, 1, [1, 2]);
    expect(resizeToCover(one, 1, 2)).toBe(one);
    expect(new Set(resizeToCover(picture(7, 5, new Array(35).fill(99)), 3, 9).pixels)).toEqual(new Set([99]));
  });
  it('cuts the middle out', () => {
    expect([...resizeToCover(picture(4, 2, [1, 2, 3, 4, 5, 6, 7, 8]), 2, 2).pixels]).toEqual([2, 3, 6, 7]);
  });
  it('weighs as Pillow does', () => {
    // Image.fromarray(np.array([[0, 10, 20, 30, 40, 50, 60, 70]] * 8, np.uint8)).resize((3, 3), Image.BILINEAR)
    const ramp = picture(
      8,
      8,
      Array.from({ length: 64 }, (_, i) => 10 * (i % 8)),
    );
    expect([...resizeToCover(ramp, 3, 3).pixels.subarray(0, 3)]).toEqual([11, 35, 59]);
    // ... of [[0, 100], [0, 100]] to (4, 4)
    expect([...resizeToCover(picture(2, 2, [0, 100, 0, 100]), 4, 4).pixels.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
  });
  it('leaves a border where the shorter side is to be longer than the cut, as Pillow does', () => {
    // Image.fromarray(pixels of 8 rows of 12).resize((9, 6), Image.BILINEAR).crop((2, 1, 7, 5))
    const pixels = Array.from({ length: 96 }, (_, i) => {
      const [x, y] = [i % 12, Math.floor(i / 12)];
      return (7 * x * x + 13 * y * y + x * y) % 251;
    });
    const given = picture(12, 8, pixels);
    const pillows = [
      ...[95, 164, 129, 109, 117],
      ...[157, 178, 120, 166, 114],
      ...[117, 120, 149, 144, 131],
      ...[94, 134, 76, 123, 137],
    ];
    // Pillow rounds after each axis.
    const { pixels: cut } = resizeToCover(given, 4, 5, 6);
    expect(cut).toHaveLength(20);
    expect(pillows.filter((value, i) => Math.abs(value - cut[i]!) > 1)).toEqual([]);
    // Nothing smaller than the cut, and a picture of its size is enlarged all the same.
    expect(resizeToCover(given, 8, 12, 3)).toBe(given);
    expect(resizeToCover(picture(2, 2, [0, 100, 0, 100]), 2, 2, 4).pixels).toEqual(Uint8Array.of(25, 75, 25, 75));
    expect(() => resizeToCover(given, 4, 4, 0.5)).toThrow('resizeToCover: resize must be a positive integer, got 0.5');
  });
});

describe('readImageFolder', () => {
  let folder: string;
  const put = (path: string, bytes: Uint8Array) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const options = { height: 4, width: 4, channels: 3 } as const;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes train and val as they are', async () => {
    put('train/cat/1.png', flat(8, 4, [1, 2, 3]));
    put('train/dog/1.PNG', flat(5, 5, [4, 5, 6]));
    put('train/dog/notes.txt', Buffer.from('no picture'));
    put('val/dog/2.png', flat(4, 4, [7, 8, 9]));
    expect(hasClassFolders(folder)).toBe(true);
    const { train, test } = await readImageFolder(folder, options);
    expect(train.classNames).toEqual(['cat', 'dog']);
    expect([...train.labels, ...test.labels]).toEqual([0, 1, 1]);
    expect([...train.images.subarray(0, 3), ...test.images.subarray(0, 3)]).toEqual([1, 2, 3, 7, 8, 9]);
  });

  it('splits class by class where there are no parts', async () => {
    for (let i = 0; i < 10; i++) put(`a/${i}.png`, flat(4, 4, [i, i, i]));
    for (let i = 0; i < 3; i++) put(`b/${i}.png`, flat(4, 4, [100 + i, 0, 0]));
    const { train, test } = await readImageFolder(folder, options);
    expect([[...train.labels].filter((l) => l === 0).length, [...test.labels].sort().join()]).toEqual([8, '0,0,1']);
    const all = [train, test].flatMap((part) => Array.from({ length: part.count }, (_, i) => part.images[i * 48]));
    expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102]);
  });

  it('leaves a broken picture out and names it, or fails where asked to', async () => {
    put('a/1.png', flat(4, 4, [1, 1, 1]));
    put('a/2.png', flat(4, 4, [1, 1, 1]));
    put('a/broken.png', flat(4, 4, [1, 1, 1]).subarray(0, 40));
    put('b/1.png', flat(4, 4, [2, 2, 2]));
    put('b/2.png', flat(4, 4, [2, 2, 2]));
    await expect(readImageFolder(folder, { ...options, undecodable: 'fail' })).rejects.toThrow(
      /broken.png: expected a picture that can be decoded/,
    );
    const skipped: string[] = [];
    const { train, test } = await readImageFolder(folder, { ...options, onSkipped: (e) => skipped.push(e.message) });
    expect(train.count + test.count).toBe(4);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]).toMatch(/broken.png/);
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await readImageFolder(folder, options);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^left out: .*broken.png/));
    warn.mockRestore();
  });

  it('refuses one class alone, classes only the test part has, and nothing but broken pictures', async () => {
    put('train/cat/1.png', flat(4, 4, [1, 2, 3]));
    put('test/cow/1.png', flat(4, 4, [1, 2, 3]));
    await expect(readImageFolder(folder, options)).rejects.toThrow(/at least two class folders, found 1/);
    put('train/dog/1.png', flat(4, 4, [1, 2, 3]));
    await expect(readImageFolder(folder, options)).rejects.toThrow(/class folders cat, dog, found another one, cow/);
  });

  testIf('shared data', 'reads real photographs', async () => {
    const { train, test } = await readImageFolder(sharedPath('hymenoptera/val'), { height: 32, width: 32, channels: 3 });
    expect(train.classNames).toEqual(['ants', 'bees']);
    expect(train.count + test.count).toBe(153);
  });

  testIf('shared data', 'decodes test pictures of all kinds', async () => {
    const pictures = sharedPath('pictures/skimage');
    for (const name of readdirSync(pictures).filter((file) => /\.(png|jpg)$/.test(file))) {
      const { pixels, height, width } = await decodePicture(readFileSync(join(pictures, name)), name, 1);
      expect(pixels).toHaveLength(height * width);
      expect(new Set(pixels).size).toBeGreaterThan(1);
    }
  });
});
