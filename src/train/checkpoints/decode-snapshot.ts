import { shown } from '../../checks.js';
import { CheckpointError, type Snapshot, type StoredTensor } from './checkpoint-store.js';
import {
  ARRAYS,
  bytesOf,
  CHECKSUM_AT,
  checksum,
  checksumText,
  type Entry,
  FORMAT,
  LENGTH_BYTES,
  LONGEST_HEADER,
  NO_CHECKSUM,
  OPENING,
  RESERVED,
  sizeOf,
} from './snapshot-format.js';
import { fromStoredJson } from './stored-json.js';

/** Where a checkpoint's bytes come from. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Fills an array with those that begin at a position; no more are asked for than there are. */
  readInto(bytes: Uint8Array, position: number): Promise<void>;
}

/** What a checkpoint's header tells. */
export interface SnapshotHeader {
  readonly step: number;
  readonly score?: number;
  /** As `storedJson` wrote it. */
  readonly state: string;
  /** In the order in which they lie. */
  readonly tensors: readonly (readonly [name: string, Entry])[];
  readonly dataBegin: number;
  readonly dataChecksum: string;
}

/** Messages show no more of what may be damaged. */
const SHOWN_LENGTH = 200;

/**
 * Reads a whole checkpoint, tensor by tensor, each into memory of its own; no more memory is taken than the source has bytes.
 *
 * @throws CheckpointError saying what is wrong with it
 */
export async function decodeSnapshot(source: ByteSource): Promise<{ step: number; snapshot: Snapshot }> {
  const header = await readHeader(source);
  const tensors: [string, StoredTensor][] = [];
  let crc = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of header.tensors) {
    const values = new ARRAYS[dtype as keyof typeof ARRAYS](sizeOf(shape)!);
    const bytes = bytesOf(values);
    await source.readInto(bytes, header.dataBegin + offsets[0]);
    crc = checksum(bytes, crc);
    tensors.push([name, { values, shape }]);
  }
  compare('data', header.dataChecksum, crc);
  return { step: header.step, snapshot: { state: stateOf(header), tensors: Object.fromEntries(tensors) } };
}

function stateOf(header: SnapshotHeader): Snapshot['state'] {
  const state = parsed(() => fromStoredJson(header.state));
  if (typeof state !== 'object' || state === null || Array.isArray(state)) throw new CheckpointError('its state is no object');
  return state as Snapshot['state'];
}

/** Reads the header alone, and checks it. @throws CheckpointError saying what is wrong with it */
export async function readHeader(source: ByteSource): Promise<SnapshotHeader> {
  const { size } = source;
  if (size < CHECKSUM_AT) throw new CheckpointError(`it has ${size} bytes, too few for a checkpoint`);
  const opening = new Uint8Array(CHECKSUM_AT);
  await source.readInto(opening, 0);
  if (new TextDecoder().decode(opening.subarray(LENGTH_BYTES)) !== OPENING) throw new CheckpointError('it is no checkpoint');
  const length = Number(new DataView(opening.buffer).getBigUint64(0, true));
  const dataBegin = LENGTH_BYTES + length;
  if (length > LONGEST_HEADER || dataBegin > size) {
    throw new CheckpointError(`its header should have ${length} bytes, and all together are ${size}: it is cut off or damaged`);
  }
  const header = new Uint8Array(dataBegin);
  await source.readInto(header, 0);
  const place = header.subarray(CHECKSUM_AT, CHECKSUM_AT + NO_CHECKSUM.length);
  const expected = new TextDecoder().decode(place);
  place.fill(NO_CHECKSUM.charCodeAt(0));
  compare('header', expected, checksum(header));
  const { metadata, tensors } = parseHeader(header.subarray(LENGTH_BYTES));
  const bytes = tensors.at(-1)?.[1].data_offsets[1] ?? 0;
  if (dataBegin + bytes !== size) {
    throw new CheckpointError(`its tensors have ${size - dataBegin} of ${bytes} bytes: it is cut off or damaged`);
  }
  return { ...metadata, tensors, dataBegin };
}

function compare(what: string, expected: string, crc: number): void {
  const found = checksumText(crc);
  if (found === expected) return;
  throw new CheckpointError(`its ${what} is damaged (CRC-32C ${found} instead of ${expected.slice(0, NO_CHECKSUM.length)})`);
}

function parseHeader(json: Uint8Array): Pick<SnapshotHeader, 'tensors'> & { metadata: ReturnType<typeof parseMetadata> } {
  const { __metadata__, ...entries } = parsed(() => JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>);
  return { metadata: parseMetadata(__metadata__), tensors: inOrder(entries as Record<string, Entry>) };
}

function parseMetadata(metadata: unknown): Pick<SnapshotHeader, 'step' | 'score' | 'state' | 'dataChecksum'> {
  const { format, step, score, data_crc32c: dataChecksum, state } = (metadata ?? {}) as Record<string, unknown>;
  if (format !== FORMAT) throw new CheckpointError(`its format is ${excerpt(format)}; this version reads ${shown(FORMAT)}`);
  const isText = [step, score ?? '', dataChecksum, state].every((value) => typeof value === 'string');
  if (!isText || !/^\d{1,15}$/.test(step as string) || Number.isNaN(Number(score ?? 0))) {
    throw new CheckpointError('its header lacks the step, the score, a checksum or the state');
  }
  return {
    step: Number(step),
    ...(score === undefined ? {} : { score: Number(score) }),
    state: state as string,
    dataChecksum: dataChecksum as string,
  };
}

/** The tensors as they lie. @throws CheckpointError where one is not what it should be, or they do not lie end to end */
function inOrder(entries: Record<string, Entry>): [string, Entry][] {
  const begins = ([, entry]: [string, Entry]) => Number(entry?.data_offsets?.[0]);
  const ends = ([, entry]: [string, Entry]) => Number(entry?.data_offsets?.[1]);
  const list = Object.entries(entries).sort((a, b) => begins(a) - begins(b) || ends(a) - ends(b));
  let end = 0;
  for (const [name, entry] of list) {
    const itemBytes = ARRAYS[entry?.dtype as keyof typeof ARRAYS]?.BYTES_PER_ELEMENT ?? Number.NaN;
    const next = end + itemBytes * (sizeOf(entry?.shape) ?? Number.NaN);
    if (RESERVED.includes(name) || entry?.data_offsets?.[0] !== end || entry.data_offsets[1] !== next) {
      throw new CheckpointError(`its header describes the tensor ${excerpt(name)} as ${excerpt(entry)}, which cannot be`);
    }
    end = next;
  }
  return list;
}

function excerpt(value: unknown): string {
  const text = shown(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

/** What parsers throw quotes their text, which may be long. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CheckpointError('its JSON cannot be read', { cause: error });
  }
}
