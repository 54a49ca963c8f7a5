import { type Attribute, attributesOf, textsOf } from './attributes.js';
import type { Cursor, Hdf5Bytes } from './cursor.js';
import { Hdf5Dataset } from './dataset.js';
import { fractalHeap, localHeap } from './heaps.js';
import { contents, find, MESSAGE, type Message, messagesAt } from './object-header.js';
import { leavesOf, NODE, recordsOf } from './trees.js';

/** A group of an HDF5 file. Links out of the file and by name are no members: weights never need them. */
export class Hdf5Group {
  private members: Map<string, number> | undefined;
  private attributes: Map<string, Attribute> | undefined;
  private readonly opened = new Map<string, Hdf5Group | Hdf5Dataset>();

  /** @param path what errors call it */
  constructor(
    private readonly file: Hdf5Bytes,
    readonly address: number,
    private readonly messages: readonly Message[],
    readonly path: string,
  ) {}

  /** Names of what is in it, in the file's order. */
  names(): string[] {
    return [...this.links().keys()];
  }

  /** A member by its path; undefined where there is none. */
  get(path: string): Hdf5Group | Hdf5Dataset | undefined {
    const [name, ...rest] = path.split('/').filter((part) => part !== '');
    if (name === undefined) return this;
    const member = this.member(name);
    if (rest.length === 0 || member === undefined) return member;
    return member instanceof Hdf5Group ? member.get(rest.join('/')) : undefined;
  }

  /** A group in it; undefined where there is none of that name. */
  group(path: string): Hdf5Group | undefined {
    const member = this.get(path);
    return member instanceof Hdf5Group ? member : undefined;
  }

  /** An attribute of texts; undefined where there is none. */
  texts(name: string): string[] | undefined {
    this.attributes ??= attributesOf(this.file, this.messages);
    const attribute = this.attributes.get(name);
    return attribute && textsOf(this.file, attribute);
  }

  /** An attribute that is one text; undefined where there is none. */
  text(name: string): string | undefined {
    return this.texts(name)?.[0];
  }

  private member(name: string): Hdf5Group | Hdf5Dataset | undefined {
    const known = this.opened.get(name);
    if (known) return known;
    const address = this.links().get(name);
    if (address === undefined) return undefined;
    const path = this.path === '' ? name : `${this.path}/${name}`;
    const messages = messagesAt(this.file, address);
    const isArray = find(messages, MESSAGE.dataspace) !== undefined;
    const member = isArray
      ? new Hdf5Dataset(this.file, address, messages, path)
      : new Hdf5Group(this.file, address, messages, path);
    this.opened.set(name, member);
    return member;
  }

  private links(): Map<string, number> {
    if (this.members) return this.members;
    const members = new Map<string, number>();
    const table = find(this.messages, MESSAGE.symbolTable);
    if (table) addSymbols(members, this.file, contents(this.file, table));
    for (const message of this.messages) {
      if (message.type === MESSAGE.link) addLink(members, contents(this.file, message));
    }
    const info = find(this.messages, MESSAGE.linkInfo);
    if (info) addDense(members, this.file, contents(this.file, info));
    this.members = members;
    return members;
  }
}

/** Groups as all versions of HDF5 write them unless told otherwise: a tree of tables, the names in a heap. */
function addSymbols(members: Map<string, number>, file: Hdf5Bytes, table: Cursor): void {
  const tree = table.address();
  const heap = table.address();
  if (tree === undefined || heap === undefined) file.fail(table.at, 'a group', 'one without members', 'the file is damaged');
  const nameAt = localHeap(file, heap);
  for (const { child } of leavesOf(file, tree, NODE.group, (cursor) => cursor.length())) {
    const node = file.cursor(child).signature('SNOD').skip(2);
    for (let left = node.u16(); left > 0; left--) {
      file.visit(node.at);
      const name = nameAt(node.uint(file.offsetSize));
      const address = node.address();
      const kind = node.u32();
      node.skip(20);
      if (address !== undefined && kind !== SOFT_LINK) members.set(name, address);
    }
  }
}

/** In a symbol table: the member is a path. */
const SOFT_LINK = 2;

/** Newer groups: each link a message; in many files only those with few members. */
function addLink(members: Map<string, number>, cursor: Cursor): void {
  cursor.file.visit(cursor.at);
  cursor.skip(1);
  const flags = cursor.u8();
  const kind = flags & 8 ? cursor.u8() : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const name = cursor.text(cursor.uint(1 << (flags & 3)));
  const address = kind === 0 ? cursor.address() : undefined;
  if (address !== undefined) members.set(name, address);
}

/** Newer groups with many members: the same messages in a heap. */
function addDense(members: Map<string, number>, file: Hdf5Bytes, info: Cursor): void {
  info.skip(1);
  if (info.u8() & 1) info.skip(8);
  const heap = info.address();
  const names = info.address();
  if (heap === undefined || names === undefined) return;
  const place = fractalHeap(file, heap);
  for (const record of recordsOf(file, names)) {
    // A record is the hash of the name, then where the link is.
    const { begin, end } = place(record.subarray(4));
    addLink(members, file.cursor(begin, end));
  }
}
