/** safetensors, as its own libraries write and read them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWeights } from '../src/weights/index.js';
import { python } from './python.js';
import { describeIf } from './requires.js';
import { TELL, type Told, toldAll } from './told-arrays.js';

/** A file by hand: its header, and so many bytes of zeros. */
function file(header: unknown, bytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const all = new Uint8Array(8 + text.length + bytes);
  new DataView(all.buffer).setBigUint64(0, BigInt(text.length), true);
  all.set(text, 8);
  return all;
}

const two = { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'I32', shape: [], data_offsets: [8, 12] } };

test('arrays are views on the given bytes', async () => {
  const bytes = file(two, 12);
  const shift = (8 - ((bytes.length - 12) % 8)) % 8;
  const placed = new Uint8Array(bytes.length + 8).subarray(shift);
  placed.set(bytes);
  const { arrays, format, framework, metadata } = await readWeights(placed.subarray(0, bytes.length));
  expect([format, framework, metadata]).toEqual(['safetensors', undefined, {}]);
  expect(arrays['a']!.data.buffer).toBe(placed.buffer);
  expect(arrays['b']).toEqual({ shape: [], dtype: 'int32', data: Int32Array.of(0) });
  expect(Object.getPrototypeOf(arrays)).toBeNull();
});

test('what stands in the metadata is told; PyTorch is known by it', async () => {
  const { framework, metadata } = await readWeights(file({ __metadata__: { format: 'pt', author: 'x' }, ...two }, 12));
  expect([framework, metadata]).toEqual(['torch', { format: 'pt', author: 'x' }]);
});

test('types that nets do not have are passed over', async () => {
  const { arrays, metadata } = await readWeights(file({ ...two, c: { dtype: 'U64', shape: [1], data_offsets: [12, 20] } }, 20));
  expect(Object.keys(arrays)).toEqual(['a', 'b']);
  expect(metadata).toEqual({ passedOver: ['c (U64)'] });
});

test.each([
  ['cut off', file(two, 11), /expected 12 bytes of arrays, found 11/],
  ['too long', file(two, 13), /expected 12 bytes of arrays, found 13/],
  ['no JSON', file('{"a":', 0), /expected JSON/],
  ['a list', file('{"a":[]}', 0), /type, shape and place of the array 'a'/],
  ['__proto__', file('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0), /'__proto__'/],
  ['__proto__ in the metadata', file('{"__metadata__":{"__proto__":"x"}}', 0), /'__proto__'/],
  ['deep JSON', file(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 0), /at most 200 levels/],
  ['an unknown type', file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 8] } }, 8), /type, shape and place/],
  [
    'a gigantic shape',
    file({ a: { dtype: 'F32', shape: [2 ** 50, 2 ** 50], data_offsets: [0, 8] } }, 8),
    /type, shape and place/,
  ],
  ['a negative size', file({ a: { dtype: 'F32', shape: [-2], data_offsets: [0, 8] } }, 8), /type, shape and place/],
  ['one array twice', file({ a: two.a, b: two.a }, 8), /expected the array 'b' at byte 8, found 0/],
  ['a gap', file({ a: two.a, b: { ...two.b, data_offsets: [12, 16] } }, 16), /expected the array 'b' at byte 8, found 12/],
  [
    'an array outside',
    file({ a: { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] } }, 8),
    /bytes of arrays, found 8/,
  ],
  ['a header longer than the file', Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d), /a header of 99 bytes/],
])('%s is refused', async (_, bytes, message) => {
  await expect(readWeights(bytes)).rejects.toThrow(message);
  await expect(readWeights(bytes)).rejects.toMatchObject({ name: 'DataError' });
});

describeIf('python', 'what safetensors of Python saves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-safetensors-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read, of every type', async () => {
    const path = join(folder, 'types.safetensors');
    const expected = python<Record<string, Told>>(
      `${TELL}
from safetensors.torch import save_file
torch.manual_seed(1)
d = {str(t)[6:]: (torch.randn(5, 3) * 20).to(t) for t in (torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)}
d |= {'scalar': torch.tensor(3.), 'empty': torch.zeros(0, 2)}
save_file(d, sys.argv[1], metadata={'format': 'pt', 'net': 'none'})
print(json.dumps({k: tell(t) for k, t in d.items()}))`,
      path,
    );
    const read = await readWeights(path);
    expect(toldAll(read)).toEqual(expected);
    expect(read.metadata).toEqual({ format: 'pt', net: 'none' });
  });
});
