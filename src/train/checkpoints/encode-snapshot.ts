import { refuse, shown } from '../../checks.js';
import type { Snapshot, StoredTensor } from './checkpoint-store.js';
import {
  bytesOf,
  CHECKSUM_AT,
  checksum,
  checksumText,
  DTYPES,
  type Entry,
  FORMAT,
  LENGTH_BYTES,
  LONGEST_HEADER,
  NO_CHECKSUM,
  RESERVED,
  sizeOf,
} from './snapshot-format.js';
import { storedJson } from './stored-json.js';

/**
 * A checkpoint's bytes, as snapshot-format.ts describes them.
 *
 * @param where for messages: who asks
 * @param step  of training
 * @param score of the model; NaN counts as none
 * @returns     the file in pieces: header, and views of the tensors' own memory, which must not change until they are written
 * @throws ArgumentError where the snapshot holds what cannot be stored
 */
export function encodeSnapshot(where: string, snapshot: Snapshot, step: number, score = Number.NaN): Uint8Array<ArrayBuffer>[] {
  if (!Number.isSafeInteger(step) || step < 0) refuse(where, 'step', 'an integer of at least 0', step);
  if (typeof score !== 'number') refuse(where, 'score', 'a number', score);
  const state = storedJson(where, 'snapshot.state', snapshot.state);
  const { entries, data } = layOut(where, snapshot.tensors);
  const metadata = {
    crc32c: NO_CHECKSUM,
    format: FORMAT,
    step: String(step),
    ...(Number.isNaN(score) ? {} : { score: String(score) }),
    data_crc32c: checksumText(data.reduce((crc, piece) => checksum(piece, crc), 0)),
    state,
  };
  // By hand: among an object's properties, tensors named '0', '1', ... would come first.
  const members = [['__metadata__', metadata], ...entries].map((member) => member.map((part) => JSON.stringify(part)).join(':'));
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > LONGEST_HEADER) refuse(where, 'snapshot.state', `at most ${LONGEST_HEADER} bytes of JSON`, length);
  const header = new Uint8Array(LENGTH_BYTES + length).fill(' '.charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_BYTES);
  header.set(new TextEncoder().encode(checksumText(checksum(header))), CHECKSUM_AT);
  return [header, ...data];
}

/** Where each tensor lies: those of single bytes behind all others, which so begin at multiples of their elements' size. */
function layOut(where: string, tensors: Snapshot['tensors']): { entries: [string, Entry][]; data: Uint8Array<ArrayBuffer>[] } {
  const list = Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, dtype: checkTensor(where, name, tensor) }));
  list.sort((a, b) => Number(a.dtype === 'U8') - Number(b.dtype === 'U8'));
  const data: Uint8Array<ArrayBuffer>[] = [];
  let end = 0;
  const entries = list.map(({ name, tensor: { values, shape }, dtype }): [string, Entry] => {
    data.push(bytesOf(values));
    const begin = end;
    end += values.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  return { entries, data };
}

/** The name of its numbers' type. @throws ArgumentError where it cannot be stored */
function checkTensor(where: string, name: string, { values, shape }: StoredTensor): string {
  const argument = `snapshot.tensors[${shown(name)}]`;
  if (RESERVED.includes(name)) refuse(where, "a tensor's name", `another than ${RESERVED.join(' or ')}`, name);
  const kind: unknown = values?.[Symbol.toStringTag];
  const dtype = DTYPES[kind as string] ?? refuse(where, `${argument}.values`, `one of ${Object.keys(DTYPES).join(', ')}`, kind);
  const size = sizeOf(shape) ?? refuse(where, `${argument}.shape`, 'integers of at least 0', shape);
  if (size !== values.length) refuse(where, `${argument}.values`, `${size} numbers, as the shape [${shape}] says`, values.length);
  return dtype;
}
