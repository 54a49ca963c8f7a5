import { ArgumentError } from '../../../geometry.js';
import { fileBytesOf, ITEM_BYTES } from '../numbers.js';
import type { StoredType, WeightsToWrite, WeightWriter, WrittenFile } from '../weight-file.js';

/** The format's names. */
const CODES: Readonly<Record<StoredType, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

const METADATA = '__metadata__';

/** Every type is kept. The metadata are texts: what is none is written as JSON. */
export const safetensorsWriter: WeightWriter = { format: 'safetensors', write };

function write({ arrays, framework, metadata }: WeightsToWrite): WrittenFile[] {
  if (Object.hasOwn(arrays, METADATA)) throw new ArgumentError(`an array of a safetensors file must not be called '${METADATA}'`);
  const texts = Object.entries({ ...(framework === 'torch' ? { format: 'pt' } : {}), ...metadata }).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  // The widest numbers first: so all begin at multiples of their size.
  const inOrder = Object.entries(arrays).sort(([, a], [, b]) => ITEM_BYTES[b.dtype] - ITEM_BYTES[a.dtype]);
  const places = new Map<string, [number, number]>();
  const data: Uint8Array[] = [];
  let end = 0;
  for (const [name, array] of inOrder) {
    const bytes = fileBytesOf(array);
    places.set(name, [end, end + bytes.length]);
    end += bytes.length;
    data.push(bytes);
  }
  const entries = Object.entries(arrays).map(([name, { dtype, shape }]): [string, object] => [
    name,
    { dtype: CODES[dtype], shape, data_offsets: places.get(name)! },
  ]);
  const members = texts.length > 0 ? [[METADATA, Object.fromEntries(texts)], ...entries] : entries;
  // By hand: among an object's properties, arrays named '0', '1', ... would come first.
  const json = new TextEncoder().encode(
    `{${members.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join(',')}}`,
  );
  const header = new Uint8Array(8 + 8 * Math.ceil(json.length / 8)).fill(' '.charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return [{ pieces: [header, ...data] }];
}
