/** What happens to a file on its way, and what somebody does to it who means harm. */
import { choose, integer } from '../random.js';

/** Numbers at which sizes, signs and widths turn over. */
const TURNING = [
  0,
  1,
  -1,
  2,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 40,
  2 ** 53,
  2 ** 62,
];
/** Text that formats take apart. */
const TEXTS = [
  '"__proto__"',
  '__proto__',
  'constructor',
  '[',
  '{',
  '"',
  '-1',
  '1e99',
  '99999999999',
  'null',
  '\\u0000',
  ',',
  '/../',
  '\x80',
];

type Change = (bytes: Uint8Array, random: () => number, others: readonly Uint8Array[]) => Uint8Array;

const place = (bytes: Uint8Array, random: () => number, room = 1) => integer(random, 0, Math.max(0, bytes.length - room));

const changes: readonly Change[] = [
  function flipBit(bytes, random) {
    bytes[place(bytes, random)]! ^= 1 << integer(random, 0, 7);
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[place(bytes, random)] = integer(random, 0, 255);
    return bytes;
  },
  function setNumber(bytes, random) {
    const width = choose(random, [1, 2, 4, 8]);
    if (bytes.length < width) return bytes;
    const view = new DataView(bytes.buffer, place(bytes, random, width), width);
    const value = BigInt(choose(random, TURNING)) + BigInt(integer(random, -1, 1));
    const little = random() < 0.7;
    for (let i = 0; i < width; i++) view.setUint8(little ? i : width - 1 - i, Number((value >> BigInt(8 * i)) & 255n));
    return bytes;
  },
  function addToNumber(bytes, random) {
    bytes[place(bytes, random)]! += choose(random, [-2, -1, 1, 2, 8, 64]);
    return bytes;
  },
  function cutOff(bytes, random) {
    return bytes.subarray(0, place(bytes, random));
  },
  function leaveOut(bytes, random) {
    const begin = place(bytes, random);
    return joined(bytes.subarray(0, begin), bytes.subarray(begin + integer(random, 1, 64)));
  },
  function repeat(bytes, random) {
    const begin = place(bytes, random);
    const block = bytes.slice(begin, begin + integer(random, 1, 256));
    return joined(bytes.subarray(0, begin), ...Array.from({ length: integer(random, 1, 8) }, () => block), bytes.subarray(begin));
  },
  function insertText(bytes, random) {
    const at = place(bytes, random);
    const text = Uint8Array.from(choose(random, TEXTS), (character) => character.charCodeAt(0));
    return joined(bytes.subarray(0, at), text, bytes.subarray(random() < 0.5 ? at : at + text.length));
  },
  function fromAnother(bytes, random, others) {
    const other = choose(random, others);
    const [from, to] = [place(other, random), place(bytes, random)];
    const block = other.subarray(from, from + integer(random, 1, 1024));
    return joined(bytes.subarray(0, to), block, bytes.subarray(random() < 0.5 ? to : to + block.length));
  },
  function swapBlocks(bytes, random) {
    const length = integer(random, 1, 64);
    if (bytes.length < 2 * length) return bytes;
    const [a, b] = [place(bytes, random, length), place(bytes, random, length)];
    const block = bytes.slice(a, a + length);
    bytes.copyWithin(a, b, b + length);
    bytes.set(block, b);
    return bytes;
  },
];

/** A copy with one to eight changes, which follow from the random numbers alone. @param others to take pieces of */
export function mutated(bytes: Uint8Array, random: () => number, others: readonly Uint8Array[]): Uint8Array {
  let result = new Uint8Array(bytes);
  const count = 1 + Math.floor(8 * random() ** 3);
  for (let i = 0; i < count && result.length > 0; i++) {
    // Each change may write: it gets memory of its own.
    result = new Uint8Array(choose(random, changes)(new Uint8Array(result), random, others));
  }
  return result;
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
