/** Source of all structures: the HDF5 File Format Specification, version 3.0 (The HDF Group). */
import { ArgumentError } from '../../../geometry.js';
import { fileBytesOf } from '../numbers.js';
import type { StoredArray } from '../weight-file.js';
import { MESSAGE } from './object-header.js';
import { attribute, datasetMessages, NOWHERE, objectHeader, packed, padded } from './write-messages.js';

/** A group that is to be written. */
export class NewGroup {
  readonly members = new Map<string, NewGroup | StoredArray>();
  readonly attributes = new Map<string, string | readonly string[]>();

  /** The group at a path below; made where there is none. @throws ArgumentError where an array is in its way */
  group(path: string): NewGroup {
    let group: NewGroup = this;
    for (const name of path.split('/')) {
      const member = group.members.get(name) ?? new NewGroup();
      if (!(member instanceof NewGroup)) throw clash(path);
      group.members.set(name, member);
      group = member;
    }
    return group;
  }

  /** Puts an array at a path below. @throws ArgumentError where there is something already */
  put(path: string, array: StoredArray): void {
    const end = path.lastIndexOf('/');
    const group = end < 0 ? this : this.group(path.slice(0, end));
    const name = path.slice(end + 1);
    if (group.members.has(name)) throw clash(path);
    group.members.set(name, array);
  }
}

function clash(path: string): ArgumentError {
  return new ArgumentError(`'${path}': an array's name must not be another one's, nor the beginning of another one's`);
}

const SUPERBLOCK_BYTES = 96;
/** Half of how many members a table has room for, and of how many children a tree's node has. */
const TABLE_HALF = 4;
const NODE_HALF = 16;

/** An HDF5 file, of structures that every version reads. @returns its bytes in pieces, the arrays' own among them */
export function writeHdf5(root: NewGroup): Uint8Array[] {
  const file = new FileInMaking();
  const { header, tree, heap } = file.addGroup(root);
  return [superblock(file.at, header, tree, heap), ...file.pieces];
}

function superblock(end: number, header: number, tree: number, heap: number): Uint8Array {
  const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
  const sizes = packed([4, 0], [1, 0], [1, 8], [1, 8], [1, 0], [2, TABLE_HALF], [2, NODE_HALF], [4, 0]);
  const entry = packed([8, 0], [8, header], [4, 1], [4, 0], [8, tree], [8, heap]);
  return packed(signature, sizes, [8, 0], [8, NOWHERE], [8, end], [8, NOWHERE], entry);
}

class FileInMaking {
  readonly pieces: Uint8Array[] = [];
  at = SUPERBLOCK_BYTES;

  /** Puts bytes at the end. @returns their address */
  private add(bytes: Uint8Array): number {
    const begin = this.at;
    const gap = (8 - (bytes.length % 8)) % 8;
    this.pieces.push(bytes);
    if (gap > 0) this.pieces.push(new Uint8Array(gap));
    this.at += bytes.length + gap;
    return begin;
  }

  addGroup(group: NewGroup): { header: number; tree: number; heap: number } {
    const members = [...group.members].map(([name, member]) => {
      return {
        name: new TextEncoder().encode(name),
        header: member instanceof NewGroup ? this.addGroup(member).header : this.addArray(member),
      };
    });
    // Readers look names up by halving.
    members.sort((a, b) => compare(a.name, b.name));
    const names: Uint8Array[] = [new Uint8Array(8)];
    let end = 8;
    const places = members.map(({ name }) => {
      const whole = padded(Uint8Array.of(...name, 0));
      names.push(whole);
      end += whole.length;
      return end - whole.length;
    });
    const texts = this.add(packed(...names));
    // 1: no room is left.
    const heap = this.add(packed(LETTERS('HEAP'), [4, 0], [8, end], [8, 1], [8, texts]));
    const tree = this.addTree(members.map(({ header }, i) => ({ header, name: places[i] as number })));
    const attributes = [...group.attributes].map(([name, value]): [number, Uint8Array] => [
      MESSAGE.attribute,
      attribute(name, value),
    ]);
    const header = this.add(objectHeader([[MESSAGE.symbolTable, packed([8, tree], [8, heap])], ...attributes]));
    return { header, tree, heap };
  }

  private addArray(array: StoredArray): number {
    const bytes = fileBytesOf(array);
    const messages = datasetMessages(array, this.add(bytes), bytes.length);
    if (array.dtype === 'bfloat16') messages.push([MESSAGE.attribute, attribute('dtype', 'bfloat16')]);
    return this.add(objectHeader(messages));
  }

  /** Tables of members, and the tree above them. @param members in the order of their names, of which each one is a place in the heap */
  private addTree(members: readonly { header: number; name: number }[]): number {
    let level = 0;
    // A key is the greatest name below a child; a group without members has a table without any.
    let children = pieces(members, 2 * TABLE_HALF).map((part) => {
      const entries = part.map(({ header, name }) => packed([8, name], [8, header], [8, 0], [8, 0], [8, 0]));
      const room = new Uint8Array(40 * (2 * TABLE_HALF - part.length));
      const address = this.add(packed(LETTERS('SNOD'), [1, 1], [1, 0], [2, part.length], ...entries, room));
      return { address, last: part.at(-1)?.name ?? 0 };
    });
    for (;;) {
      const parts = pieces(children, 2 * NODE_HALF);
      const begin = this.at;
      children = parts.map((part, i) => {
        const sibling = (at: number) => (at >= 0 && at < parts.length ? begin + at * NODE_BYTES : NOWHERE);
        const links = part.map(({ address, last }) => packed([8, address], [8, last]));
        const first = i === 0 ? 0 : ((parts[i - 1] as typeof part).at(-1)?.last ?? 0);
        const head = packed(LETTERS('TREE'), [1, 0], [1, level], [2, part.length], [8, sibling(i - 1)], [8, sibling(i + 1)]);
        const room = new Uint8Array(16 * (2 * NODE_HALF - part.length));
        return { address: this.add(packed(head, [8, first], ...links, room)), last: part.at(-1)?.last ?? 0 };
      });
      if (children.length === 1) return (children[0] as { address: number }).address;
      level++;
    }
  }
}

const NODE_BYTES = 24 + 8 + 16 * 2 * NODE_HALF;

const LETTERS = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Pieces of at most so many items; one without any where there are none. */
function pieces<T>(items: readonly T[], most: number): T[][] {
  const count = Math.max(1, Math.ceil(items.length / most));
  return Array.from({ length: count }, (_, i) => items.slice(i * most, (i + 1) * most));
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  }
  return a.length - b.length;
}
