/** Tables: of pixels, and of labels and file names. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { DataError, detectFormat, loadDataset, openCsv, parsePixelCsv, readPixelCsv } from '../src/data/node.js';
import { epochOf, loaders } from './data-parts.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-'));
});
afterEach(async () => {
  await loaders.closeAll();
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string | Uint8Array) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const table = (text: string) => ({ name: 'table', bytes: new TextEncoder().encode(text) });

describe('pixels', () => {
  it("are read as Kaggle's MNIST has them", () => {
    const path = put('train.csv.gz', gzipSync('label,pixel0,pixel1,pixel2,pixel3\n10,0,1,2,3\r\n2,4,5,6,255\n\n'));
    const { images, labels, classNames, height, width, channels } = readPixelCsv(path);
    expect([...images]).toEqual([0, 1, 2, 3, 4, 5, 6, 255]);
    expect([height, width, channels, ...classNames]).toEqual([2, 2, 1, '2', '10']);
    expect([...labels]).toEqual([1, 0]);
  });

  it('may have their labels anywhere, words as classes and other sizes', () => {
    const text = 'a,b,c,d,e,f,class\n1,2,3,4,5,6,dog\n7,8,9,10,11,12,"cat"\n';
    const { images, labels, classNames, width } = parsePixelCsv(table(text), 'pets', { label: 'class', height: 1, channels: 3 });
    expect([images.length, width, ...labels, ...classNames]).toEqual([12, 2, 1, 0, 'cat', 'dog']);
    const named = parsePixelCsv(table('label,p\n1,7\n0,8\n'), 'pets', { classNames: ['cat', 'dog'] });
    expect([...named.labels]).toEqual([1, 0]);
  });

  it.each([
    ['label,p\n', /table: expected a line of names, then at least one of values, found 1 lines/],
    ['', /found 0 lines/],
    ['label,p\n1,2\n1,2,3\n', /table, line 3: expected 2 values, as in the first line, found 3/],
    ['label,p\n1,256\n', /line 2: expected whole numbers 0..255, found '256' in column 2/],
    ['label,p\n1,\n', /found '' in column 2/],
    ['label,p\n1,x\n', /found 'x'/],
    ['label,p,q\n1,2,3\n', /columns for a square of 1 channels beside the label, found 2; give height, width and channels/],
    ['label,p\n"1,2\n', /line 2: expected a line of a table, found .*quote/i],
  ])('name line and reason: %j', (text, message) => {
    expect(() => parsePixelCsv(table(text), 'bad')).toThrow(message);
    expect(() => parsePixelCsv(table(text), 'bad')).toThrow(DataError);
  });

  it('name columns and classes that are absent', () => {
    expect(() => parsePixelCsv(table('label,p\n1,2\n'), 'bad', { label: 'class' })).toThrow(/a column 'class', found label, p/);
    expect(() => parsePixelCsv(table('label,p\n7,2\n'), 'bad', { classNames: ['a', 'b'] })).toThrow(
      /line 2: expected one of the classes a, b, found '7'/,
    );
  });

  it('are a data set of train.csv, with test.csv or without', async () => {
    const lines = Array.from({ length: 10 }, (_, i) => `${i % 2},${i}`).join('\n');
    put('mnist_train.csv', `label,p\n${lines}\n`);
    expect(detectFormat(folder)).toBe('csv');
    const size = { height: 1, width: 1, channels: 1 } as const;
    const split = await loadDataset(folder, 'auto', size);
    expect([split.train.count, split.test.count]).toEqual([8, 2]);
    put('mnist_test.csv', 'p\n1\n2\n3\n');
    expect((await loadDataset(folder, 'csv', size)).test.count).toBe(2);
    put('mnist_test.csv', 'label,p\n1,77\n');
    expect([...(await loadDataset(folder, 'csv', size)).test.images]).toEqual([77]);
  });
});

describe('file names', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'pictures'));
    for (const [i, name] of ['a.png', 'b.png'].entries()) {
      put(`pictures/${name}`, encodePng({ data: Uint8Array.from([10 * i, 1, 2]), height: 1, width: 1, channels: 3 }));
    }
  });

  it('are opened from the folder of the table, or another', async () => {
    const path = put('list.csv', 'file,label\npictures/a.png,dog\npictures/b.png,cat\n');
    const files = openCsv(path, { height: 1, width: 1 });
    expect([...files.labels, ...files.classNames]).toEqual([1, 0, 'cat', 'dog']);
    const [batch] = await epochOf(loaders.open(files, { batchSize: 2, workers: 1 }), 0);
    expect(batch!.images.map(Math.round)).toEqual([0, 1, 2, 10, 1, 2]);
    const other = put('other.csv', 'id,breed\na.png,x\n');
    expect(openCsv(other, { folder: join(folder, 'pictures') }).paths).toEqual([join(folder, 'pictures/a.png')]);
  });

  it('are refused outside of it', () => {
    const refused = (name: string) =>
      expect(() => openCsv(put('list.csv', `file,label\n${name},1\n`))).toThrow(/expected a file in/);
    refused('../secret.png');
    refused('/etc/passwd');
    expect(() => openCsv(put('list.csv', 'file,label\n,1\n'))).toThrow(/line 2: expected a file and a label/);
    expect(() => openCsv(put('list.csv', 'file,label\na,1\n'), { file: 'path' })).toThrow(/a column 'path', found file, label/);
  });
});
