import { DataError } from '../../../data/dataset.js';
import type { ByteSource, ReadOptions, StoredArray, WeightFile, WeightReader } from '../weight-file.js';
import { ZipArchive } from '../zip/zip-archive.js';
import { type Checkpoint, isTorchArchive, readArchive } from './archive.js';
import { type FoundWeights, findWeights } from './find-weights.js';
import { readLegacy } from './legacy.js';
import { plainNames } from './prefixes.js';
import { TorchTensor } from './torch-tensor.js';

/** Memory for copies (half, strided tensors, the other byte order): so many times the file, and this much for small ones. */
const GROWTH = 4;
const SMALL = 2 ** 20;
/** Longer texts beside the weights are no names or dates. */
const LONGEST_TEXT = 200;

/** What torch.save writes, in its two formats. No code of a file is run: whatever it names is described or passed over. */
export const pytorchReader: WeightReader = {
  format: 'pytorch',
  async matches(head, source) {
    if (isZip(head)) return isTorchArchive(await ZipArchive.open(source));
    // A pickle of protocol 2 to 5; earlier ones are written by nobody.
    return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5;
  },
  read: readPytorch,
};

/** Whether a file begins as zip archives do. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b;
}

async function readPytorch(source: ByteSource, { key }: ReadOptions = {}): Promise<WeightFile> {
  const head = await source.bytes(0, Math.min(4, source.size));
  const checkpoint = await (isZip(head) ? readArchive(source) : readLegacy(source));
  const found = findWeights(checkpoint.value, source.name, key);
  const { plain, stripped } = plainNames([...found.tensors.keys()]);
  const named = [...found.tensors].flatMap(([name, tensor]): [string, TorchTensor][] => {
    const own = plain(name);
    if (own === '__proto__') throw new DataError(source.name, 'names of weights', "'__proto__'");
    return own === undefined ? [] : [[own, tensor]];
  });
  const arrays = await arraysOf(checkpoint, named, source);
  const metadata = {
    ...(found.path.length > 0 ? { key: found.path.join('.') } : {}),
    ...(stripped.length > 0 ? { stripped } : {}),
    ...beside(checkpoint.value, found),
  };
  return { format: 'pytorch', framework: 'torch', arrays, metadata };
}

/** Numbers, texts and truths that stand beside the weights (epoch, accuracy, architecture), and what was passed over. */
function beside(value: unknown, { path, others }: FoundWeights): Record<string, unknown> {
  const checkpoint: [string, unknown][] = [];
  const passedOver = path.length > 0 ? others.map((name) => [...path, name].join('.')) : [];
  for (const [name, item] of value instanceof Map ? (value as Map<unknown, unknown>) : []) {
    if (typeof name !== 'string' || name === '__proto__' || name === path[0]) continue;
    const plain = typeof item === 'string' ? item.length <= LONGEST_TEXT : typeof item === 'boolean' || Number.isFinite(item);
    if (plain) checkpoint.push([name, item]);
    else if (path.length > 0 || !(item instanceof TorchTensor)) passedOver.push(name);
  }
  return {
    ...(checkpoint.length > 0 ? { checkpoint: Object.fromEntries(checkpoint) } : {}),
    ...(passedOver.length > 0 ? { passedOver } : {}),
  };
}

/** Each storage is read once, and let go as soon as nothing but views on it is left to make. */
async function arraysOf(checkpoint: Checkpoint, tensors: readonly [string, TorchTensor][], source: ByteSource) {
  const { bigEndian } = checkpoint;
  const copied = tensors.reduce((sum, [, tensor]) => sum + tensor.copiedBytes(bigEndian), 0);
  if (copied > GROWTH * source.size + SMALL) {
    throw new DataError(source.name, `tensors of at most ${GROWTH} times the file's size`, `${copied} bytes of them`);
  }
  const open = new Map<string, number>();
  for (const [, { storage }] of tensors) open.set(storage.key, (open.get(storage.key) ?? 0) + 1);
  const blocks = new Map<string, Uint8Array>();
  const arrays: Record<string, StoredArray> = Object.create(null);
  for (const [name, tensor] of tensors) {
    const { storage } = tensor;
    const block = blocks.get(storage.key) ?? placed(await checkpoint.bytesOf(storage));
    const left = open.get(storage.key)! - 1;
    open.set(storage.key, left);
    if (left > 0) blocks.set(storage.key, block);
    else blocks.delete(storage.key);
    // Two storages of one name may say different sizes.
    if (block.length < storage.count * storage.itemBytes) {
      throw new DataError(source.name, `${storage.count} numbers of '${name.slice(0, 100)}'`, `${block.length} bytes`);
    }
    arrays[name] = tensor.arrayOf(block, bigEndian);
  }
  return arrays;
}

/** Where views on it can be made: the file's own memory, or one copy of it for all tensors. */
function placed(block: Uint8Array): Uint8Array {
  return block.byteOffset % 8 === 0 ? block : new Uint8Array(block);
}
