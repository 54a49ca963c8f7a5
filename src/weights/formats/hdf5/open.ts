/** Source of all structures: the HDF5 File Format Specification, version 3.0 (The HDF Group). */
import { Hdf5Bytes } from './cursor.js';
import { Hdf5Group } from './group.js';
import { messagesAt } from './object-header.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file begins as HDF5 does. Those with a block of their user's own before it are not met among weights. */
export function isHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte);
}

/**
 * The outermost group of an HDF5 file.
 * @param name what errors call the file
 * @throws DataError where it is none, or newer than this reader
 */
export function openHdf5(name: string, bytes: Uint8Array): Hdf5Group {
  const file = new Hdf5Bytes(name, bytes);
  if (!isHdf5(bytes)) file.fail(0, 'an HDF5 file', 'another one');
  const head = file.cursor(SIGNATURE.length);
  const version = head.u8();
  if (version > 3) file.fail(8, 'version 0 to 3 of HDF5 files', `${version}`, 'the file is damaged, or newer than this reader');
  if (version < 2) head.skip(4);
  file.offsetSize = head.u8();
  file.lengthSize = head.u8();
  for (const size of [file.offsetSize, file.lengthSize]) {
    if (![2, 4, 8].includes(size)) file.fail(8, 'addresses of 2, 4 or 8 bytes', `${size}`, 'the file is damaged');
  }
  if (version < 2) {
    // Nodes' sizes are not needed: each node says how many entries it has.
    head.skip(9 + (version === 1 ? 4 : 0)).skip(2 * file.offsetSize);
    checkEnd(file, head.address());
    head.skip(2 * file.offsetSize);
  } else {
    head.skip(1 + 2 * file.offsetSize);
    checkEnd(file, head.address());
  }
  const root = head.address() ?? file.fail(head.at, 'an outermost group', 'none', 'the file is damaged');
  return new Hdf5Group(file, root, messagesAt(file, root), '');
}

/** A file knows where it ends: one that is shorter was cut off. */
function checkEnd(file: Hdf5Bytes, end: number | undefined): void {
  if (end === undefined || end > file.size)
    file.fail(0, `a file of ${end ?? 'some'} bytes`, `${file.size}`, 'it is cut off or damaged');
}
