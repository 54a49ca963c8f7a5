import { DataError } from '../dataset.js';
import { Opaque, type PickleGlobal, type PickleGlobals } from './globals.js';
import { latin1, type PickleBytes } from './pickle-bytes.js';

/** Marks where on the stack a list, tuple or dictionary begins. */
const MARK = Symbol('mark');

/** Memory that calls may make of a file: so many times its size, and this much for small ones. */
const GROWTH = 4;
const SMALL = 2 ** 20;

/** A function that the file may name. */
export class NamedGlobal {
  constructor(
    readonly name: string,
    readonly global: PickleGlobal,
  ) {}
}

/** Stack and memo: what the instructions of a pickle work on. */
export class Machine {
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  private budget: number;
  private stopped = false;

  constructor(
    readonly input: PickleBytes,
    readonly globals: PickleGlobals,
    readonly persistent: ((id: unknown) => unknown) | undefined,
    private readonly passOverUnknown = false,
  ) {
    this.budget = GROWTH * input.bytes.length + SMALL;
  }

  readonly spend = (bytes: number): void => {
    this.budget -= bytes;
    if (!(this.budget >= 0)) this.input.fail('a pickle that unfolds to a few times its size', 'one that makes far more of it');
  };

  /** Whether the last instruction has come. */
  get done(): boolean {
    return this.stopped;
  }

  stop(): void {
    this.stopped = true;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) this.input.fail('something on the stack', 'an empty one');
    const value = this.stack.pop();
    if (value === MARK) this.input.fail('a value on the stack', 'a mark');
    return value;
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.stack.push(MARK);
  }

  /** What lies above the last mark, which goes with it. */
  popToMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.input.fail('a mark on the stack', 'none');
    const values = this.stack.splice(mark + 1);
    this.stack.pop();
    return values;
  }

  /** Drops a value or a mark. */
  drop(): void {
    if (this.stack.pop() === undefined && this.stack.length === 0) this.input.fail('something to drop', 'an empty stack');
  }

  remember(key = this.memo.size): void {
    this.memo.set(key, this.top());
  }

  recall(key: number): void {
    if (!this.memo.has(key)) this.input.fail('something remembered', `nothing under ${key}`);
    this.push(this.memo.get(key));
  }

  /** @throws DataError where nobody has allowed it, and what is unknown is not to be passed over */
  find(module: unknown, name: unknown): NamedGlobal | Opaque {
    const full = `${textOf(module)} ${textOf(name)}`;
    if (!Object.hasOwn(this.globals, full)) {
      if (this.passOverUnknown) return new Opaque(full);
      const known = Object.keys(this.globals).join(', ');
      this.input.fail(
        known ? `calls of ${known} only` : 'no calls at all',
        `'${full}'; pickles can run any code, so nothing else is called`,
      );
    }
    return new NamedGlobal(full, this.globals[full]!);
  }

  call(called: unknown, args: unknown): unknown {
    if (called instanceof Opaque) return new Opaque(called.of);
    if (!(called instanceof NamedGlobal) || !Array.isArray(args)) {
      return this.input.fail('a function and a tuple of its arguments', 'something else');
    }
    return this.guarded(called.name, () => called.global.call(args, this.spend));
  }

  /** Says where in the file something went wrong. */
  guarded<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof DataError) throw error;
      return this.input.fail(`what ${what} takes`, (error as Error).message);
    }
  }
}

/** Text, also of Python 2, whose strings are bytes. @returns '' where it is none */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return latin1(value);
  return typeof value === 'string' ? value : '';
}
