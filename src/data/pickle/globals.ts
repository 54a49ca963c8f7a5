/** What a pickle may name and have called: nothing but what is listed. */

/** Spends memory that what is called makes of what the file holds. @throws DataError where a pickle makes too much of it */
export type Spend = (bytes: number) => void;

/** A function or class of Python's that a pickle may call. */
export interface PickleGlobal {
  /** What it gives. Throws an Error that says what it expected where the arguments make no sense. */
  call(args: readonly unknown[], spend: Spend): unknown;
}

/** Something whose state comes after it was made. */
export interface Buildable {
  /** Takes its state. @param state as the pickle holds it */
  setState(state: unknown, spend: Spend): void;
}

/** By module and name, with a space between them: 'collections OrderedDict'. */
export type PickleGlobals = Readonly<Record<string, PickleGlobal>>;

/** True where an object takes a state. */
export function isBuildable(value: unknown): value is Buildable {
  return typeof (value as Partial<Buildable> | null)?.setState === 'function';
}

/**
 * Stands for what a pickle names, makes and fills, and nobody has allowed: nothing is called, whatever it is given is dropped, and
 * what it is called with can be read all the same.
 */
export class Opaque extends Map<unknown, unknown> implements Buildable {
  /** @param of module and name, with a space between them, or what else it is */
  constructor(readonly of: string) {
    super();
  }

  override set(): this {
    return this;
  }

  push(): number {
    return 0;
  }

  setState(): void {}
}
