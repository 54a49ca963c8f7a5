/** Python's pickles: what is in them comes out, what they name is not run. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../src/data/dataset.js';
import { isPickledArray, numpyGlobals, type PickledArray, unpickle } from '../src/data/index.js';

const fixtures = JSON.parse(readFileSync(join(__dirname, 'fixtures/pickles.json'), 'utf8')) as {
  pickles: Record<'scalars' | 'text' | 'bytes' | 'containers' | 'shared' | 'array', string[]>;
};
const fixture = (name: keyof typeof fixtures.pickles, protocol: number) =>
  unpickle(Buffer.from(fixtures.pickles[name][protocol]!, 'base64'), name, { globals: numpyGlobals }).value;
/** A pickle written by hand, one character a byte. */
const byHand = (text: string) => unpickle(Buffer.from(text, 'latin1'), 'file', { globals: numpyGlobals }).value;

describe.each([0, 1, 2, 3, 4, 5])('protocol %i', (protocol) => {
  test('scalars', () => {
    const expected = [null, true, false, 0, -1, 255, 65535, 65536, -(2 ** 31), 2 ** 40, -(2n ** 70n), 1.5, -0.1, Infinity];
    expect(fixture('scalars', protocol)).toEqual(expected);
  });

  test('text', () => {
    expect(fixture('text', protocol)).toEqual(['', 'plain', 'café 中 😀', "line\nbreak 'quoted' \\n", 'x'.repeat(300)]);
  });

  test('bytes', () => {
    const all = Array.from({ length: 512 }, (_, i) => i % 256);
    const values = fixture('bytes', protocol) as Uint8Array[];
    expect(values.map((bytes) => [...bytes])).toEqual([[], [0, 255, 10], all]);
  });

  test('containers, with bytes as keys found by text', () => {
    const nested = new Map<unknown, unknown>([
      ['a', 1],
      ['b', 2],
      [3, new Map([['c', null]])],
    ]);
    expect(fixture('containers', protocol)).toEqual([
      [],
      [1],
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
      [],
      [1, [2, [3]]],
      new Map(),
      nested,
    ]);
    const [one, two] = fixture('shared', protocol) as unknown[];
    expect(one).toBe(two);
  });

  test("numpy's arrays", () => {
    const arrays = fixture('array', protocol) as Map<string, PickledArray>;
    const u8 = arrays.get('u8')!;
    expect(isPickledArray(u8)).toBe(true);
    expect([u8.dtype, u8.fortran, ...u8.shape]).toEqual(['|u1', false, 2, 3, 4]);
    expect([...u8.bytes]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    const f4 = arrays.get('f4')!;
    expect([f4.dtype, ...new Float32Array(f4.bytes.slice().buffer)]).toEqual(['<f4', 1.5, -2]);
    const i8 = arrays.get('i8')!;
    expect([i8.dtype, ...new BigInt64Array(i8.bytes.slice().buffer)]).toEqual(['<i8', 1n, -2n]);
    const { fortran, bytes } = arrays.get('fortran')!;
    expect([fortran, ...bytes]).toEqual([true, 0, 3, 1, 4, 2, 5]);
  });
});

test("Python 2's strings are bytes, and text as keys", () => {
  const map = byHand("(dp0\nS'data'\np1\nS'a\\x00\\n\\'\\101'\np2\nsS'n'\nI7\ns.") as Map<string, unknown>;
  expect([...(map.get('data') as Uint8Array)]).toEqual([97, 0, 10, 39, 65]);
  expect(map.get('n')).toBe(7);
});

test('pickles may follow one another', () => {
  const bytes = Buffer.from('I1\n.I2\n.');
  const { value, end } = unpickle(bytes, 'two');
  expect([value, end, unpickle(bytes, 'two', { begin: end }).value]).toEqual([1, 4, 2]);
});

test('persistent ids are what the reader says', () => {
  const bytes = Buffer.from('\x80\x02K\x07Q.', 'latin1');
  expect(unpickle(bytes, 'file', { persistent: (id) => `storage ${id}` }).value).toBe('storage 7');
  expect(() => unpickle(bytes, 'file')).toThrow(/expected no persistent ids/);
});

describe('nothing is run', () => {
  it.each([
    ['os.system', "cos\nsystem\n(S'echo gotcha'\ntR."],
    ['by the stack', '\x80\x04\x8c\x02os\x8c\x06system\x93)R.'],
    ['eval', "c__builtin__\neval\n(S'1'\ntR."],
    ["an object's property", 'ctoString\nconstructor\n)R.'],
    ['a prototype', 'c__proto__\ncall\n)R.'],
  ])('%s', (_, text) => {
    expect(() => byHand(text)).toThrow(/^file, byte \d+: expected calls of numpy.*; pickles can run any code/);
  });

  it('not even what is allowed to others', () => {
    expect(() => unpickle(Buffer.from('cnumpy\nndarray\n)R.'), 'file')).toThrow(
      /expected no calls at all, found 'numpy ndarray'/,
    );
    expect(() => byHand('cnumpy\nndarray\n)R.')).toThrow(/a call of the class itself/);
  });

  it('a key of a dictionary is no property of an object', () => {
    const map = byHand("(dS'__proto__'\nI1\ns.") as Map<string, unknown>;
    expect(map.get('__proto__')).toBe(1);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('damaged and hostile files', () => {
  it.each([
    ['nothing', '', /1 more bytes/],
    ['no end', 'I1\n', /1 more bytes/],
    ['an unknown instruction', '\xee', /found 0xee/],
    ['protocol 9', '\x80\x09N.', /protocol 9/],
    ['an empty stack', '.', /an empty one/],
    ['a mark as a value', '(.', /found a mark/],
    ['no mark', 't.', /a mark on the stack/],
    ['bytes beyond the end', 'T\xff\xff\xff\x7fabc.', /2147483647 more bytes/],
    ['a negative length', 'T\xff\xff\xff\xffabc.', /-1 more bytes/],
    ['a length of 64 bits', '\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.', /more bytes/],
    ['an endless number', `\x8b\xff\xff\xff\x7f1.`, /at most 1000 bytes/],
    ['endless digits', `L${'9'.repeat(5000)}L\n.`, /at most 1000 digits/],
    ['words for numbers', 'Ix\n.', /whole number/],
    ['what was never remembered', 'g7\n.', /nothing under 7/],
    ['a key without a value', '(dI1\nu.', /mark on the stack/],
    ['a list that is a tuple', ')I1\na.', /a list on the stack/],
    ['a call of a number', 'I1\n)R.', /a function and a tuple/],
    ['a state for a number', 'I1\nI2\nb.', /takes a state/],
    ['an array that is larger than its bytes', ARRAY('J\xff\xff\xff\x7f', 'U\x01a'), /1 bytes for \[2147483647\]/],
    ['an array of negative size', ARRAY('J\xff\xff\xff\xff', 'U\x01a'), /no shape/],
  ])('%s', (_, text, message) => {
    expect(() => byHand(text)).toThrow(DataError);
    expect(() => byHand(text)).toThrow(message);
  });

  it('unfold to a few times their size at most', () => {
    // One text of 200 kB, remembered and made bytes of again and again.
    const text = `X\x40\x0d\x03\x00${'a'.repeat(200_000)}q\x000c_codecs\nencode\nq\x010${'h\x01h\x00\x85R0'.repeat(1000)}N.`;
    expect(() => byHand(text)).toThrow(/unfolds to a few times its size/);
  });

  it('cut off anywhere, or with any byte changed, are errors or values, never crashes', () => {
    const whole = Buffer.from(fixtures.pickles.array[2]!, 'base64');
    for (let i = 0; i < whole.length; i++) {
      const cut = whole.subarray(0, i);
      expect(() => unpickle(cut, 'cut', { globals: numpyGlobals })).toThrow(DataError);
      const changed = Buffer.from(whole);
      changed[i]! ^= 0x41;
      try {
        unpickle(changed, 'changed', { globals: numpyGlobals });
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
      }
    }
  });
});

/** numpy's array of bytes with one size, by hand. */
function ARRAY(size: string, bytes: string): string {
  return (
    `\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R` +
    `(K\x01${size}\x85cnumpy\ndtype\nU\x02u1\x85R\x89${bytes}tb.`
  );
}
