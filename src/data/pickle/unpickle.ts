import { onlyKnown } from '../../checks.js';
import type { PickleGlobals } from './globals.js';
import { instructions } from './instructions.js';
import { Machine } from './machine.js';
import { PickleBytes } from './pickle-bytes.js';

/** Options of unpickle. */
export interface UnpickleOptions {
  /** Functions and classes that the file may call; default: none. */
  readonly globals?: PickleGlobals;
  /** What stands for an id that the file leaves to its reader (tensors of PyTorch); default: such ids are errors. */
  readonly persistent?: (id: unknown) => unknown;
  /** Whether functions and classes that are not listed become an `Opaque`, which is never called, instead of an error; default false. */
  readonly passOverUnknown?: boolean;
  /** Byte at which the pickle begins; default 0. */
  readonly begin?: number;
}

const OPTIONS: readonly (keyof UnpickleOptions)[] = ['globals', 'persistent', 'passOverUnknown', 'begin'];

/** What a pickle holds. */
export interface Unpickled {
  /** As Python would have it, made of JavaScript's own kinds. */
  readonly value: unknown;
  /** Byte behind the pickle: another one may follow. */
  readonly end: number;
}

/**
 * Reads what Python's `pickle` wrote, in protocols 0 to 5, without ever running what it names: only functions listed in `globals` are
 * called, and they are ours. The memory used is bounded by the file's size.
 *
 * None becomes null; int a number, or a bigint beyond 2^53; str a string; bytes, and str of Python 2, a Uint8Array that shares the
 * file's memory; list an array; tuple a frozen array; dict a Map, whose keys are strings where they were bytes; set a Set.
 *
 * @param source the name that errors call the file by
 * @throws DataError where the file is damaged, or calls anything else
 */
export function unpickle(bytes: Uint8Array, source: string, options: UnpickleOptions = {}): Unpickled {
  const { globals = {}, persistent, passOverUnknown = false, begin = 0 } = onlyKnown('unpickle', options, OPTIONS);
  // What is given out is plain: a Buffer's slice() would not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const input = new PickleBytes(plain, source, begin);
  const machine = new Machine(input, globals, persistent, passOverUnknown);
  while (!machine.done) {
    const opcode = input.uint8();
    const instruction = instructions.get(opcode);
    if (!instruction) input.fail('an instruction of pickle', `0x${opcode.toString(16).padStart(2, '0')}`);
    instruction!(machine);
  }
  return { value: machine.pop(), end: input.at };
}
