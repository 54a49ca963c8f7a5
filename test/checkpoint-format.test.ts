/** Checkpoints as bytes: what comes back, and that whatever is damaged is found. */
import { CheckpointError, type Snapshot } from '../src/train/checkpoints/checkpoint-store.js';
import { type ByteSource, decodeSnapshot } from '../src/train/checkpoints/decode-snapshot.js';
import { encodeSnapshot } from '../src/train/checkpoints/encode-snapshot.js';
import { CHECKSUM_AT, checksum, checksumText } from '../src/train/checkpoints/snapshot-format.js';

const snapshot: Snapshot = {
  state: {
    epoch: 3,
    loss: Number.NaN,
    best: -Infinity,
    worst: Infinity,
    zeros: [0, -0],
    tiny: 5e-324,
    text: 'Gewöhnliches, 普通, \ud800 and "quotes"',
    nested: { none: null, yes: true, random: [1, 4294967295] },
  },
  tensors: {
    mask: { values: Uint8Array.of(1, 0, 255), shape: [3] },
    'conv1.weight': { values: Float32Array.of(1.5, -0, Number.NaN, Infinity, 1e-45, 3), shape: [1, 2, 3] },
    steps: { values: Int32Array.of(-7), shape: [] },
    nothing: { values: new Float32Array(0), shape: [0, 5] },
    '2': { values: Float32Array.of(2), shape: [1] },
  },
};

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async readInto(into, position) {
      if (position + into.length > bytes.length) throw new Error('read beyond the end');
      into.set(bytes.subarray(position, position + into.length));
    },
  };
}

/** Of the tensors together: 8 numbers of four bytes and 3 of one. */
const DATA_BYTES = 35;
const encoded = joined(encodeSnapshot('test', snapshot, 1234, 0.75));
const decode = (bytes: Uint8Array) => decodeSnapshot(sourceOf(bytes));
/** The header's JSON, the spaces behind it included. */
const headerText = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(8, 8 + Number(Buffer.from(bytes).readBigUInt64LE()))).toString();

type Header = Record<string, unknown>;
const headerOf = (bytes: Uint8Array) => JSON.parse(headerText(bytes)) as Header & { __metadata__: Header };

/** A file whose checksums are right whatever its header says: what only somebody who wants to can make. */
function forged(change: (header: ReturnType<typeof headerOf>) => unknown): Uint8Array {
  const { __metadata__, ...tensors } = change(headerOf(encoded)) as Header;
  const members = [['__metadata__', __metadata__], ...Object.entries(tensors)].map((member) =>
    member.map((part) => JSON.stringify(part)).join(':'),
  );
  const json = Buffer.from(`{${members.join(',')}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const header = joined([length, json]);
  const place = header.subarray(CHECKSUM_AT, CHECKSUM_AT + 8);
  place.fill('0'.charCodeAt(0));
  place.set(Buffer.from(checksumText(checksum(header))));
  return joined([header, encoded.subarray(-DATA_BYTES)]);
}

const withMetadata = (change: Header) => (header: ReturnType<typeof headerOf>) => ({
  ...header,
  __metadata__: { ...header.__metadata__, ...change },
});
const withTensor = (name: string, entry: unknown) => (header: Header) => ({ ...header, [name]: entry });

describe('a checkpoint as bytes', () => {
  test('comes back as it was, every number and bit', async () => {
    const { step, snapshot: read } = await decode(encoded);
    expect(step).toBe(1234);
    expect(read).toEqual(snapshot);
    const zeros = read.state['zeros'] as number[];
    expect(zeros.map((zero) => Object.is(zero, -0))).toEqual([false, true]);
    expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(snapshot.tensors).sort());
    for (const [name, { values }] of Object.entries(snapshot.tensors)) {
      expect(Buffer.from(read.tensors[name]!.values.buffer)).toEqual(Buffer.from(values.buffer));
    }
  });

  test('is a safetensors file: strings in __metadata__, tensors aligned and end to end', () => {
    const { __metadata__: metadata, ...tensors } = headerOf(encoded) as Record<
      string,
      Record<string, unknown> & { data_offsets: [number, number] }
    >;
    expect(Object.values(metadata!).every((value) => typeof value === 'string')).toBe(true);
    expect((encoded.length - DATA_BYTES) % 8).toBe(0);
    const inOrder = Object.entries(tensors).sort(
      ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
    );
    let end = 0;
    for (const [
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ] of inOrder) {
      expect(from).toBe(end);
      if (dtype !== 'U8') expect(from % 4).toBe(0);
      expect(shape).toEqual(snapshot.tensors[name]!.shape);
      end = to;
    }
    expect(end).toBe(DATA_BYTES);
  });

  test('without a score has none, and NaN counts as none', () => {
    for (const score of [undefined, Number.NaN]) {
      expect(headerText(joined(encodeSnapshot('test', snapshot, 0, score)))).not.toContain('"score"');
    }
    expect(headerText(joined(encodeSnapshot('test', snapshot, 0, -Infinity)))).toContain('"score":"-Infinity"');
  });

  test('takes views of the tensors, not copies', () => {
    const memory = new Float32Array(8).fill(7);
    const pieces = encodeSnapshot('test', { state: {}, tensors: { a: { values: memory.subarray(2, 5), shape: [3] } } }, 0);
    expect(pieces).toHaveLength(2);
    expect(pieces[1]!.buffer).toBe(memory.buffer);
    expect(pieces[1]!.byteOffset).toBe(8);
    expect(pieces[1]!.byteLength).toBe(12);
  });

  test('the checksum is CRC-32C: RFC 3720, B.4', () => {
    expect(checksumText(checksum(new Uint8Array(32)))).toBe('8a9136aa');
    expect(checksumText(checksum(new Uint8Array(32).fill(255)))).toBe('62a8ab43');
    const counted = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(checksumText(checksum(counted))).toBe('46dd794e');
    expect(checksum(counted.subarray(5), checksum(counted.subarray(0, 5)))).toBe(checksum(counted));
  });
});

describe('a damaged checkpoint is refused', () => {
  test('with any one byte changed', async () => {
    const bytes = Uint8Array.from(encoded);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        bytes[at]! ^= flip;
        await expect(decode(bytes)).rejects.toThrow(CheckpointError);
        bytes[at]! ^= flip;
      }
    }
    await decode(bytes);
  });

  test('cut off anywhere, or with something behind it', async () => {
    for (let length = 0; length < encoded.length; length++) {
      await expect(decode(encoded.subarray(0, length))).rejects.toThrow(CheckpointError);
    }
    await expect(decode(encoded.subarray(0, -1))).rejects.toThrow(/its tensors have 34 of 35 bytes: it is cut off/);
    await expect(decode(joined([encoded, Uint8Array.of(0)]))).rejects.toThrow(/its tensors have 36 of 35 bytes/);
    await expect(decode(new Uint8Array(1 << 20))).rejects.toThrow('it is no checkpoint');
  });

  test('that claims to be huge, without taking the memory', async () => {
    for (const length of [2n ** 63n, 2n ** 40n, 99_999_999n]) {
      const bytes = Buffer.from(encoded);
      bytes.writeBigUInt64LE(length);
      await expect(decode(bytes)).rejects.toThrow(/its header should have \d+ bytes, and all together are/);
    }
    const huge = forged(({ __metadata__ }) => ({
      __metadata__,
      a: { dtype: 'F32', shape: [2 ** 45], data_offsets: [0, 2 ** 47] },
    }));
    await expect(decode(huge)).rejects.toThrow(/its tensors have 35 of 140737488355328 bytes/);
  });

  test.each<[string, RegExp, (header: ReturnType<typeof headerOf>) => unknown]>([
    ['nothing in its metadata', /format is undefined/, (header) => ({ ...header, __metadata__: { crc32c: '00000000' } })],
    [
      'another version',
      /format is "tfjs-cnn checkpoint 2"; this version reads "tfjs-cnn checkpoint 1"/,
      withMetadata({ format: 'tfjs-cnn checkpoint 2' }),
    ],
    ['a negative step', /lacks the step/, withMetadata({ step: '-1' })],
    ['a score that is none', /lacks the step, the score/, withMetadata({ score: 'good' })],
    ['a number for the state', /lacks the step/, withMetadata({ state: 1 })],
    ['a state that is no JSON', /JSON cannot be read/, withMetadata({ state: '{"a":' })],
    ['a state with another prototype', /JSON cannot be read/, withMetadata({ state: '{"a":{"__proto__":{"admin":true}}}' })],
    ['a state with an unknown number', /JSON cannot be read/, withMetadata({ state: '{"a":{"$number":"1"}}' })],
    ['a state deeper than any stack', /JSON cannot be read/, withMetadata({ state: '['.repeat(1e6) + ']'.repeat(1e6) })],
    ['a state that is no object', /its state is no object/, withMetadata({ state: '[]' })],
    ['an entry that is null', /describes the tensor "steps" as null/, withTensor('steps', null)],
    ['an unknown type', /describes the tensor "mask"/, withTensor('mask', { dtype: 'F8', shape: [3], data_offsets: [32, 35] })],
    [
      'a type that every object has',
      /describes the tensor "mask"/,
      withTensor('mask', { dtype: 'constructor', shape: [3], data_offsets: [32, 35] }),
    ],
    [
      'a shape that does not fit',
      /describes the tensor "mask"/,
      withTensor('mask', { dtype: 'U8', shape: [4], data_offsets: [32, 35] }),
    ],
    ['a negative shape', /describes the tensor "mask"/, withTensor('mask', { dtype: 'U8', shape: [-3], data_offsets: [32, 35] })],
    [
      'tensors that overlap',
      /describes the tensor "mask"/,
      withTensor('mask', { dtype: 'U8', shape: [3], data_offsets: [31, 34] }),
    ],
    ['offsets that are none', /describes the tensor "mask"/, withTensor('mask', { dtype: 'U8', shape: [3], data_offsets: '32' })],
    [
      'a tensor named as a prototype',
      /describes the tensor "__proto__"/,
      ({ mask, ...header }) => JSON.parse(`${JSON.stringify(header).slice(0, -1)},"__proto__":${JSON.stringify(mask)}}`),
    ],
  ])('whose author gave it %s', async (_, message, change) => {
    const error = await decode(forged(change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.length).toBeLessThan(1000);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test('a forged file with nothing wrong is read', async () => {
    expect(await decode(forged((header) => header))).toEqual(await decode(encoded));
  });
});

describe('what cannot be stored is refused by its place', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  test.each<[unknown, string]>([
    [{ at: [1, { f: () => 1 }] }, 'snapshot.state.at[1].f must be plain JSON'],
    [
      { when: new Date(0) },
      'snapshot.state.when must be plain JSON (null, boolean, number, string, array or object), got "Date"',
    ],
    [{ a: new Float32Array(1) }, 'got "Float32Array"'],
    [{ a: new Map() }, 'got "Map"'],
    [{ a: [undefined] }, 'snapshot.state.a[0] must be plain JSON'],
    [{ a: 1n }, 'got "BigInt"'],
    [{ a: { $number: 'NaN' } }, "snapshot.state.a must be an object without the key '$number'"],
    [JSON.parse('{"__proto__": 1}'), "snapshot.state must be an object without the key '__proto__'"],
    [circle, 'snapshot.state must be an object that does not hold itself'],
  ])('state %#', (state, message) => {
    expect(() => encodeSnapshot('here', { state: state as Snapshot['state'], tensors: {} }, 0)).toThrow(message);
  });

  test('undefined properties are left out, as in JSON', async () => {
    const bytes = joined(encodeSnapshot('test', { state: { a: undefined, b: 1 }, tensors: {} }, 0));
    expect((await decode(bytes)).snapshot.state).toEqual({ b: 1 });
  });

  test.each<[string, unknown, string]>([
    ['a', { values: new Float64Array(1), shape: [1] }, 'one of Float32Array, Int32Array, Uint8Array, got "Float64Array"'],
    ['a', { values: [1], shape: [1] }, 'here: snapshot.tensors["a"].values must be one of'],
    ['a', { values: new Float32Array(2), shape: [3] }, 'must be 3 numbers, as the shape [3] says, got 2'],
    ['a', { values: new Float32Array(2), shape: [-2] }, 'shape must be integers of at least 0, got [-2]'],
    [
      '__metadata__',
      { values: new Float32Array(1), shape: [1] },
      "a tensor's name must be another than __metadata__ or __proto__",
    ],
  ])('tensor %s %#', (name, tensor, message) => {
    const tensors = { [name]: tensor } as Snapshot['tensors'];
    expect(() => encodeSnapshot('here', { state: {}, tensors }, 0)).toThrow(message);
  });

  test('step and score', () => {
    expect(() => encodeSnapshot('here', snapshot, 1.5)).toThrow('here: step must be an integer of at least 0, got 1.5');
    expect(() => encodeSnapshot('here', snapshot, -1)).toThrow('here: step must be');
    expect(() => encodeSnapshot('here', snapshot, 1, '2' as unknown as number)).toThrow('here: score must be a number, got "2"');
  });
});
