import { type Buildable, isBuildable, Opaque } from './globals.js';
import type { Machine } from './machine.js';
import { latin1 } from './pickle-bytes.js';
import { quotedBytes, rawUnicode } from './text-protocol.js';

type Instruction = (m: Machine) => void;

const pushing =
  (read: (m: Machine) => unknown): Instruction =>
  (m) =>
    m.push(read(m));

function listOnTop(m: Machine): { push(value: unknown): number } {
  const list = m.top();
  if (list instanceof Opaque) return list;
  return Array.isArray(list) && !Object.isFrozen(list) ? list : m.input.fail('a list on the stack', 'something else');
}

function fill(m: Machine, map: Map<unknown, unknown>, pairs: readonly unknown[]): Map<unknown, unknown> {
  if (pairs.length % 2 !== 0) m.input.fail('pairs of keys and values', 'a key without a value');
  // Bytes as keys would be found by nobody: they become text.
  for (let i = 0; i < pairs.length; i += 2) {
    const key = pairs[i];
    map.set(key instanceof Uint8Array ? latin1(key) : key, pairs[i + 1]);
  }
  return map;
}

function setItems(m: Machine, pairs: readonly unknown[]): void {
  const map = m.top();
  if (!(map instanceof Map)) m.input.fail('a dictionary on the stack', 'something else');
  fill(m, map as Map<unknown, unknown>, pairs);
}

function tupleOf(count: number): Instruction {
  return (m) => {
    const values = Array.from({ length: count }, () => m.pop()).reverse();
    m.push(Object.freeze(values));
  };
}

function reduce(m: Machine): void {
  const args = m.pop();
  m.push(m.call(m.pop(), args));
}

/** A class, its arguments and those by name, which nothing that is allowed takes. */
function makeWithNames(m: Machine): void {
  const named = m.pop();
  const args = m.pop();
  const made = m.pop();
  if (!(named instanceof Map) || (named.size > 0 && !(made instanceof Opaque))) m.input.fail('no arguments by name', 'some');
  m.push(m.call(made, args));
}

function build(m: Machine): void {
  const state = m.pop();
  const object = m.top();
  if (!isBuildable(object)) m.input.fail('an object that takes a state', 'another');
  m.guarded('the object', () => (object as Buildable).setState(state, m.spend));
}

function persistent(m: Machine, id: unknown): void {
  const { persistent: load } = m;
  if (!load) m.input.fail('no persistent ids', 'one');
  m.push(m.guarded('a persistent id', () => load!(id)));
}

function decimalLine(m: Machine): unknown {
  const text = m.input.line();
  if (text === '00') return false;
  return text === '01' ? true : m.input.decimal(text);
}

function floatLine(m: Machine): number {
  const text = m.input.line();
  const named: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
  const value = named[text] ?? Number(text);
  return text.trim() === '' || (Number.isNaN(value) && text !== 'nan')
    ? m.input.fail('a number', `'${text.slice(0, 40)}'`)
    : value;
}

function index(m: Machine): number {
  return Number(m.input.decimal(m.input.line()));
}

const byCharacter: Readonly<Record<string, Instruction>> = {
  '(': (m) => m.mark(),
  '.': (m) => m.stop(),
  '0': (m) => m.drop(),
  '1': (m) => void m.popToMark(),
  '2': (m) => m.push(m.top()),
  // Scalars.
  N: pushing(() => null),
  I: pushing(decimalLine),
  J: pushing((m) => m.input.int32()),
  K: pushing((m) => m.input.uint8()),
  M: pushing((m) => m.input.uint16()),
  L: pushing((m) => m.input.decimal(m.input.line().replace(/L$/, ''))),
  F: pushing(floatLine),
  G: pushing((m) => m.input.float64()),
  '\x88': pushing(() => true),
  '\x89': pushing(() => false),
  '\x8a': pushing((m) => m.input.long(m.input.uint8())),
  '\x8b': pushing((m) => m.input.long(m.input.int32())),
  // Text and bytes; strings of Python 2 are bytes.
  S: pushing((m) => quotedBytes(m.input)),
  T: pushing((m) => m.input.take(m.input.int32())),
  U: pushing((m) => m.input.take(m.input.uint8())),
  B: pushing((m) => m.input.take(m.input.uint32())),
  C: pushing((m) => m.input.take(m.input.uint8())),
  '\x8e': pushing((m) => m.input.take(m.input.uint64())),
  '\x96': pushing((m) => m.input.take(m.input.uint64())),
  V: pushing((m) => rawUnicode(m.input.line())),
  X: pushing((m) => m.input.utf8(m.input.uint32())),
  '\x8c': pushing((m) => m.input.utf8(m.input.uint8())),
  '\x8d': pushing((m) => m.input.utf8(m.input.uint64())),
  // Containers.
  ')': pushing(() => Object.freeze([])),
  t: pushing((m) => Object.freeze(m.popToMark())),
  '\x85': tupleOf(1),
  '\x86': tupleOf(2),
  '\x87': tupleOf(3),
  ']': pushing(() => []),
  l: pushing((m) => m.popToMark()),
  a(m) {
    const value = m.pop();
    listOnTop(m).push(value);
  },
  e(m) {
    const values = m.popToMark();
    const list = listOnTop(m);
    for (const value of values) list.push(value);
  },
  '}': pushing(() => new Map()),
  d: pushing((m) => fill(m, new Map(), m.popToMark())),
  s(m) {
    const value = m.pop();
    const key = m.pop();
    setItems(m, [key, value]);
  },
  u(m) {
    const pairs = m.popToMark();
    setItems(m, pairs);
  },
  '\x8f': pushing(() => new Set()),
  '\x91': pushing((m) => new Set(m.popToMark())),
  '\x90'(m) {
    const values = m.popToMark();
    const set = m.top();
    if (set instanceof Opaque) return;
    if (!(set instanceof Set)) m.input.fail('a set on the stack', 'something else');
    for (const value of values) (set as Set<unknown>).add(value);
  },
  // Objects.
  c: pushing((m) => m.find(m.input.line(), m.input.line())),
  '\x93'(m) {
    const name = m.pop();
    m.push(m.find(m.pop(), name));
  },
  R: reduce,
  '\x81': reduce,
  '\x92': makeWithNames,
  b: build,
  P: (m) => persistent(m, m.input.line()),
  Q: (m) => persistent(m, m.pop()),
  // The memo.
  p: (m) => m.remember(index(m)),
  q: (m) => m.remember(m.input.uint8()),
  r: (m) => m.remember(m.input.uint32()),
  '\x94': (m) => m.remember(),
  g: (m) => m.recall(index(m)),
  h: (m) => m.recall(m.input.uint8()),
  j: (m) => m.recall(m.input.uint32()),
  // Frames only help to read ahead.
  '\x95': (m) => void m.input.uint64(),
  '\x80'(m) {
    const protocol = m.input.uint8();
    if (protocol > 5) m.input.fail('a pickle of protocol 0 to 5', `protocol ${protocol}`);
  },
};

/** By opcode. Source: Lib/pickletools.py of CPython. Left out: instances of old classes, extensions, buffers beside the file. */
export const instructions: ReadonlyMap<number, Instruction> = new Map(
  Object.entries(byCharacter).map(([character, instruction]) => [character.charCodeAt(0), instruction]),
);
