import type { PlainArray } from './plain-weights.js';

/** Names and shapes of a file's arrays, asked for what a net is told by. */
export class Keys {
  constructor(readonly arrays: ReadonlyMap<string, PlainArray>) {}

  has(name: string): boolean {
    return this.arrays.has(name);
  }

  shape(name: string): readonly number[] | undefined {
    return this.arrays.get(name)?.shape;
  }

  /** How many different texts the pattern's first group matches. */
  count(pattern: RegExp): number {
    return new Set(this.matches(pattern)).size;
  }

  /** What the pattern's first group matches, in the file's order. */
  matches(pattern: RegExp): string[] {
    return [...this.arrays.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? []);
  }

  /** The same arrays under other names. */
  renamed(rename: (name: string) => string): Keys {
    return new Keys(new Map([...this.arrays].map(([name, array]) => [rename(name), array])));
  }

  /** The same with other numbers in the arrays of those names. */
  withData(pattern: RegExp, change: (value: number) => number): Keys {
    const arrays = [...this.arrays].map(([name, array]): [string, PlainArray] => {
      const { data } = array;
      return [name, pattern.test(name) ? { ...array, data: Float32Array.from(data, change) } : array];
    });
    return new Keys(new Map(arrays));
  }
}
