/** Files that Keras 3 itself has just written, in all its formats. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kerasReader } from '../src/weights/formats/keras/read.js';
import { kerasH5Reader } from '../src/weights/formats/keras-h5/read.js';
import type { StoredArray } from '../src/weights/formats/weight-file.js';
import { python } from './python.js';
import { describeIf } from './requires.js';
import { fileSource } from './weight-parts.js';

describeIf('python', 'files of Keras 3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keras-'));
  const program = readFileSync(join(__dirname, 'fixtures/keras_models.py'), 'utf8');
  let weights: Record<string, { shape: number[]; bytes: string }>;
  beforeAll(() => {
    weights = python(program, folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['model.keras', kerasReader, 'keras'],
    ['model.weights.h5', kerasH5Reader, 'keras-weights'],
    ['model.h5', kerasH5Reader, 'keras-h5'],
    ['weights-only.h5', kerasH5Reader, 'keras-h5'],
  ] as const)('%s', async (file, reader, format) => {
    const source = fileSource(join(folder, file));
    expect(await reader.matches(await source.bytes(0, 512), source)).toBe(true);
    const found = await reader.read(source);
    expect(found.format).toBe(format);
    const arrays = Object.fromEntries(Object.entries(found.arrays).map(([name, array]) => [name, shown(array)]));
    expect(arrays).toEqual(weights);
    // Paths tell the order of layers only with the model's config beside them.
    if (file !== 'model.weights.h5') expect(Object.keys(arrays)).toEqual(Object.keys(weights));
    if (file.startsWith('model.') && file !== 'model.weights.h5') {
      expect(found.metadata).toMatchObject({ kerasVersion: expect.stringMatching(/^3\./), config: { class_name: 'Functional' } });
    }
  });
});

function shown({ shape, data }: StoredArray) {
  return { shape: [...shape], bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') };
}
