import type { Cursor, Hdf5Bytes } from './cursor.js';
import { bytesFor } from './heaps.js';

/** What stands before each child in a tree of version 1: its key. */
export const NODE = { group: 0, chunks: 1 } as const;

/**
 * The leaves of a tree of version 1, first to last.
 * @param key reads the key before a child
 */
export function* leavesOf<K>(
  file: Hdf5Bytes,
  address: number,
  kind: number,
  key: (cursor: Cursor) => K,
): Generator<{ key: K; child: number }> {
  const pending: { address: number; level: number | undefined }[] = [{ address, level: undefined }];
  for (let node = pending.pop(); node; node = pending.pop()) {
    file.visit(node.address);
    const cursor = file.cursor(node.address).signature('TREE');
    const found = cursor.u8();
    const level = cursor.u8();
    // Levels fall by one each time: a tree that bites its tail would have no end.
    if (found !== kind || (node.level !== undefined && level !== node.level)) {
      file.fail(
        node.address,
        `a node of kind ${kind}, level ${node.level ?? 'any'}`,
        `${found}, ${level}`,
        'the file is damaged',
      );
    }
    const count = cursor.u16();
    cursor.skip(2 * file.offsetSize);
    const children = Array.from({ length: count }, () => {
      const own = key(cursor);
      const child = cursor.address();
      return { key: own, child: child ?? file.fail(cursor.at, 'a child', 'none', 'the file is damaged') };
    });
    if (level === 0) yield* children;
    else for (const { child } of children.reverse()) pending.push({ address: child, level: level - 1 });
  }
}

/** Records of a tree of version 2, first to last. @returns views on the file */
export function* recordsOf(file: Hdf5Bytes, address: number): Generator<Uint8Array> {
  const head = file.cursor(address).signature('BTHD').skip(2);
  const nodeSize = head.u32();
  const recordSize = head.u16();
  const depth = head.u16();
  head.skip(2);
  const root = head.address();
  const count = head.u16();
  if (root === undefined) return;
  if (recordSize === 0 || nodeSize < 16 || depth > 32) file.fail(address, 'a tree', 'one without records', 'the file is damaged');
  const room = nodeSize - 10;
  const leafMost = Math.floor(room / recordSize);
  const countBytes = bytesFor(leafMost);
  // How many records a subtree of each depth can hold decides how many bytes say so.
  const most = [leafMost];
  const pointerSize = (level: number) => file.offsetSize + countBytes + (level > 1 ? bytesFor(most[level - 1] as number) : 0);
  for (let level = 1; level <= depth; level++) {
    const own = Math.floor((room - pointerSize(level)) / (recordSize + pointerSize(level)));
    most.push((own + 1) * (most[level - 1] as number) + own);
  }

  function* node(at: number, level: number, records: number): Generator<Uint8Array> {
    file.visit(at);
    const cursor = file
      .cursor(at)
      .signature(level === 0 ? 'BTLF' : 'BTIN')
      .skip(2);
    const own = Array.from({ length: records }, () => cursor.bytes(recordSize));
    if (level === 0) return yield* own;
    for (let i = 0; i <= records; i++) {
      const child = cursor.address() ?? file.fail(cursor.at, 'a child', 'none', 'the file is damaged');
      const below = cursor.uint(countBytes);
      if (level > 1) cursor.skip(bytesFor(most[level - 1] as number));
      yield* node(child, level - 1, below);
      const record = own[i];
      if (record) yield record;
    }
  }
  yield* node(root, depth, count);
}
