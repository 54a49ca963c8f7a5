/** Python's way to write things. */

/** A value as Python has it. */
export function literal(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  // JSON's strings are Python's, but for characters outside the basic plane, which JSON.stringify leaves as they are.
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** A name as documentation can hold it: what could end the text is left out. */
export function plainText(name: string): string {
  return name.replaceAll(/["\\\n]/g, '');
}

/** (2, 3) */
export function tuple(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}

/** One number where both are the same. */
export function pairOf([a, b]: readonly [number, number]): string {
  return a === b ? String(a) : `(${a}, ${b})`;
}

/** Arguments of a call, those left out that are what they would be anyway. */
export function argumentsOf(positional: readonly string[], named: Readonly<Record<string, string | false>>): string {
  const rest = Object.entries(named).flatMap(([name, value]) => (value === false ? [] : [`${name}=${value}`]));
  return [...positional, ...rest].join(', ');
}

/** Names of values in a function that runs through a net: few of them, each used again once its value is not needed any more. */
export class Variables<T> {
  private readonly names = new Map<T, string>();
  private readonly free: number[] = [];
  private made = 0;

  /** @param uses how often each value is read */
  constructor(private readonly uses: Map<T, number>) {}

  /** The name of a value; to be asked once for each of its uses. */
  read(value: T): string {
    const name = this.names.get(value)!;
    const left = this.uses.get(value)! - 1;
    this.uses.set(value, left);
    if (left === 0) this.free.push(Number(name.slice(1) || 0));
    return name;
  }

  /** A name for a new value. */
  write(value: T): string {
    this.free.sort((a, b) => b - a);
    const number = this.free.pop() ?? this.made++;
    const name = number === 0 ? 'x' : `x${number}`;
    this.names.set(value, name);
    if (!this.uses.get(value)) this.free.push(number);
    return name;
  }
}
