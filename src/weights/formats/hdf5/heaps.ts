import type { Hdf5Bytes } from './cursor.js';

/** Bytes in a global heap: where texts of any lengths are. */
export function globalHeapObject(file: Hdf5Bytes, address: number, index: number): Uint8Array {
  file.visit(address);
  const head = file.cursor(address).signature('GCOL').skip(4);
  const heap = file.cursor(head.at, address + head.length());
  heap.skip(file.lengthSize);
  while (heap.left >= 8 + file.lengthSize) {
    file.visit(heap.at);
    const found = heap.u16();
    heap.skip(6);
    const size = heap.length();
    if (found === index) return heap.bytes(size);
    if (found === 0) break;
    heap.skip(Math.ceil(size / 8) * 8);
  }
  return file.fail(address, `object ${index} of a heap`, 'none', 'the file is damaged');
}

/** Names in a local heap: those of an old group's members. */
export function localHeap(file: Hdf5Bytes, address: number): (offset: number) => string {
  const head = file.cursor(address).signature('HEAP').skip(4);
  const size = head.length();
  head.length();
  const begin = head.address() ?? file.fail(address, 'where names are', 'no address', 'the file is damaged');
  const names = file.cursor(begin, begin + size);
  return (offset) => {
    const from = file.cursor(names.at + offset, names.end);
    return from.zeroEnded();
  };
}

/** Objects of a fractal heap by their ids: links and attributes of groups that have many. */
export function fractalHeap(file: Hdf5Bytes, address: number): (id: Uint8Array) => { begin: number; end: number } {
  const head = file.cursor(address).signature('FRHP').skip(1);
  const idLength = head.u16();
  const filterLength = head.u16();
  if (filterLength > 0) file.fail(address, 'plain names', 'packed ones', 'write the file without filters on names');
  head.skip(1);
  const maxObject = head.u32();
  head.skip(2 * file.offsetSize + 10 * file.lengthSize);
  const table = { width: head.u16(), start: head.length(), maxDirect: head.length(), bits: head.u16() };
  head.skip(2);
  const root = head.address();
  const rows = head.u16();
  if (table.width === 0 || table.start === 0) file.fail(address, 'blocks of some size', 'none', 'the file is damaged');
  const offsetBytes = Math.ceil(table.bits / 8);
  const lengthBytes = Math.min(bytesFor(table.maxDirect), bytesFor(maxObject));
  const directRows = Math.log2(table.maxDirect) - Math.log2(table.start) + 2;
  const rowSize = (row: number) => table.start * 2 ** Math.max(0, row - 1);

  /** Where a place of the heap's own numbering is in the file. */
  function locate(block: number, blockRows: number, offset: number): number {
    file.visit(block);
    if (blockRows === 0) return block + offset;
    const children = file
      .cursor(block)
      .signature('FHIB')
      .skip(1 + file.offsetSize + offsetBytes);
    let rest = offset;
    for (let row = 0; row < blockRows; row++) {
      const size = rowSize(row);
      if (rest >= size * table.width) {
        rest -= size * table.width;
        continue;
      }
      const child = row * table.width + Math.floor(rest / size);
      const at = children.skip(child * file.offsetSize).address();
      if (at === undefined) break;
      const childRows = row < directRows ? 0 : Math.log2(size) - Math.log2(table.start * table.width) + 1;
      return locate(at, childRows, rest % size);
    }
    return file.fail(block, 'a block of names', 'none', 'the file is damaged');
  }

  return (id) => {
    const reader = file.cursor(id.byteOffset - file.bytes.byteOffset, id.byteOffset - file.bytes.byteOffset + idLength);
    const at = reader.at;
    const kind = (reader.u8() >> 4) & 3;
    // Names too long for a block of their own would be elsewhere; a layer's never are.
    if (kind !== 0 || root === undefined) file.fail(at, 'a name in its heap', `one of kind ${kind}`, 'the file is damaged');
    const offset = reader.uint(offsetBytes);
    const length = reader.uint(lengthBytes);
    const begin = locate(root, rows, offset);
    return { begin, end: begin + length };
  };
}

/** How many bytes hold every number up to this one. */
export function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}
