import type { Cursor, Hdf5Bytes } from './cursor.js';
import { textOf } from './cursor.js';
import { type Datatype, readDataspace, readDatatype } from './datatype.js';
import { fractalHeap, globalHeapObject } from './heaps.js';
import { contents, find, MESSAGE, type Message } from './object-header.js';
import { recordsOf } from './trees.js';

/** An attribute: its type, shape and where its value begins. */
export interface Attribute {
  readonly type: Datatype;
  /** Undefined: it has no value. */
  readonly shape: readonly number[] | undefined;
  readonly begin: number;
  readonly end: number;
}

/** All attributes of an object by name. */
export function attributesOf(file: Hdf5Bytes, messages: readonly Message[]): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  const add = (cursor: Cursor) => attributes.set(...readAttribute(cursor));
  for (const message of messages) {
    if (message.type === MESSAGE.attribute) add(contents(file, message));
  }
  const info = find(messages, MESSAGE.attributeInfo);
  if (!info) return attributes;
  // Objects with many attributes keep them in a heap, with a tree of their names.
  const cursor = contents(file, info).skip(1);
  if (cursor.u8() & 1) cursor.skip(2);
  const heap = cursor.address();
  const names = cursor.address();
  if (heap === undefined || names === undefined) return attributes;
  const place = fractalHeap(file, heap);
  for (const record of recordsOf(file, names)) {
    const { begin, end } = place(record);
    add(file.cursor(begin, end));
  }
  return attributes;
}

function readAttribute(cursor: Cursor): [string, Attribute] {
  const { file } = cursor;
  const at = cursor.at;
  file.visit(at);
  const version = cursor.u8();
  if (version < 1 || version > 3) file.fail(at, 'version 1, 2 or 3 of an attribute', `${version}`, 'the file is damaged');
  const flags = cursor.u8();
  if (version > 1 && flags & 1) file.fail(at, 'an attribute that says its own type', 'a reference to a named one');
  const [nameSize, typeSize, shapeSize] = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const padded = (size: number) => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const part = (size: number) => {
    const begin = cursor.at;
    cursor.skip(padded(size));
    return file.cursor(begin, begin + size);
  };
  const name = part(nameSize).text(nameSize);
  const type = readDatatype(part(typeSize));
  const shape = readDataspace(part(shapeSize));
  return [name, { type, shape, begin: cursor.at, end: cursor.end }];
}

/** An attribute's texts, undefined where it is of numbers: an empty list is of any type. */
export function textsOf(file: Hdf5Bytes, { type, shape, begin, end }: Attribute): string[] | undefined {
  const count = shape?.reduce((product, size) => product * size, 1) ?? 0;
  if (count === 0) return [];
  if (type.kind !== 'text' && type.kind !== 'texts') return undefined;
  const cursor = file.cursor(begin, end);
  if (count * Math.max(1, type.size) > cursor.left)
    file.fail(begin, `${count} texts`, `${cursor.left} bytes`, 'the file is damaged');
  return Array.from({ length: count }, () => {
    file.visit(cursor.at);
    if (type.kind === 'text') return cursor.text(type.size);
    const length = cursor.u32();
    const heap = cursor.address();
    const index = cursor.u32();
    if (length === 0 || heap === undefined || heap === 0) return '';
    const bytes = globalHeapObject(file, heap, index);
    file.willMake(length, cursor.at);
    return textOf(bytes.subarray(0, length));
  });
}
