import type { Cursor, Hdf5Bytes } from './cursor.js';
import { type Filter, unfiltered } from './filters.js';
import { leavesOf, NODE } from './trees.js';

/** An array that is kept in pieces. */
export interface Chunked {
  readonly shape: readonly number[];
  readonly itemSize: number;
  readonly filters: readonly Filter[];
}

/** One piece in the file. */
interface Chunk {
  readonly at: number;
  /** Stored bytes. */
  readonly size: number;
  /** Which filters were left out. */
  readonly mask: number;
  /** Index of its first element along each axis. */
  readonly offsets: readonly number[];
}

/** Puts all pieces into `target`, which has the array's size. */
export async function chunkedBytes(target: Uint8Array, layout: Cursor, version: number, array: Chunked): Promise<void> {
  const { file } = layout;
  const { chunk, chunks } = version === 3 ? treeOfChunks(layout, array) : newerChunks(layout, array);
  const size = chunk.reduce((product, axis) => product * axis, array.itemSize);
  if (!(size > 0) || chunk.length !== array.shape.length)
    file.fail(layout.at, 'chunks of the array', `[${chunk}]`, 'the file is damaged');
  for (const each of chunks) {
    file.visit(each.at);
    file.willMake(size, each.at);
    const stored = file.cursor(each.at).bytes(each.size);
    place(
      target,
      await unfiltered(file, each.at, stored, array.filters, each.mask, size, array.itemSize),
      chunk,
      each.offsets,
      array,
    );
  }
}

/** Chunks listed by a tree, as all versions of HDF5 write them unless told otherwise. */
function treeOfChunks(layout: Cursor, array: Chunked): { chunk: number[]; chunks: Iterable<Chunk> } {
  const { file } = layout;
  const axes = layout.u8();
  const tree = layout.address();
  const chunk = Array.from({ length: Math.max(0, axes - 1) }, () => layout.u32());
  const chunks = tree === undefined ? [] : chunksOfTree(file, tree, array.shape.length);
  return { chunk, chunks };
}

function* chunksOfTree(file: Hdf5Bytes, tree: number, rank: number): Generator<Chunk> {
  const leaves = leavesOf(file, tree, NODE.chunks, (cursor) => {
    const size = cursor.u32();
    const mask = cursor.u32();
    const offsets = Array.from({ length: rank }, () => cursor.uint(8));
    cursor.skip(8);
    return { size, mask, offsets };
  });
  for (const { key, child } of leaves) yield { at: child, ...key };
}

/** HDF5 1.10's own lists; of these, the array that is one chunk, and chunks one after the other. */
function newerChunks(layout: Cursor, array: Chunked): { chunk: number[]; chunks: Iterable<Chunk> } {
  const { file } = layout;
  const flags = layout.u8();
  const axes = layout.u8();
  const width = layout.u8();
  const chunk = Array.from({ length: axes }, () => layout.uint(width)).slice(0, -1);
  const at = layout.at;
  const index = layout.u8();
  const size = chunk.reduce((product, axis) => product * axis, array.itemSize);
  if (index === 1) {
    const stored = flags & 2 ? { size: layout.length(), mask: layout.u32() } : { size, mask: 0 };
    const address = layout.address();
    return { chunk, chunks: address === undefined ? [] : [{ at: address, ...stored, offsets: chunk.map(() => 0) }] };
  }
  if (index !== 2)
    file.fail(at, 'chunks in a tree, or one chunk', `list ${index} of HDF5 1.10`, "save the file with libver='earliest'");
  const address = layout.address();
  return { chunk, chunks: address === undefined ? [] : inOrder(array.shape, chunk, address, size) };
}

function* inOrder(shape: readonly number[], chunk: readonly number[], address: number, size: number): Generator<Chunk> {
  const counts = shape.map((axis, i) => Math.ceil(axis / (chunk[i] as number)));
  const total = counts.reduce((product, count) => product * count, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    const offsets = counts.map(() => 0);
    for (let axis = counts.length - 1; axis >= 0; axis--) {
      offsets[axis] = (rest % (counts[axis] as number)) * (chunk[axis] as number);
      rest = Math.floor(rest / (counts[axis] as number));
    }
    yield { at: address + i * size, size, mask: 0, offsets };
  }
}

/** Copies a chunk's rows to where they belong; what reaches over the array's edge is left out. */
function place(
  target: Uint8Array,
  bytes: Uint8Array,
  chunk: readonly number[],
  offsets: readonly number[],
  array: Chunked,
): void {
  const { shape, itemSize } = array;
  const last = shape.length - 1;
  const copy = (axis: number, from: number, to: number): void => {
    const begin = offsets[axis] as number;
    const count = Math.min(chunk[axis] as number, (shape[axis] as number) - begin);
    const [inner, outer] = [chunk, shape].map((sizes) =>
      sizes.slice(axis + 1).reduce((product, size) => product * size, itemSize),
    ) as [number, number];
    if (count <= 0) return;
    if (axis === last) {
      target.set(bytes.subarray(from, from + count * itemSize), to + begin * itemSize);
      return;
    }
    for (let i = 0; i < count; i++) copy(axis + 1, from + i * inner, to + (begin + i) * outer);
  };
  if (shape.length > 0) copy(0, 0, 0);
}
