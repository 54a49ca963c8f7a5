/** State as text: JSON, and the four numbers that JSON does not know. */
import { refuse } from '../../checks.js';

/**
 * The key of an object that stands for a number JSON has no word for: `{"$number": "NaN"}`. A loss may be NaN, a best
 * score begins at -Infinity, and -0 is another number than 0.
 */
const NUMBER = '$number';
const NUMBERS: readonly string[] = ['NaN', 'Infinity', '-Infinity', '-0'];

/**
 * @param argument what the value is called in messages
 * @param value    null, booleans, numbers (NaN, infinities and -0 come back as they are), strings, arrays and plain objects;
 *                 properties that are undefined are left out
 * @throws ArgumentError naming the place of whatever else is in it, which JSON would lose without a word
 */
export function storedJson(where: string, argument: string, value: unknown): string {
  try {
    return JSON.stringify(plain(where, argument, value));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(where, argument, 'an object that does not hold itself', 'one that has no end');
  }
}

function plain(where: string, path: string, value: unknown): unknown {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { [NUMBER]: '-0' };
    return Number.isFinite(value) ? value : { [NUMBER]: String(value) };
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return Array.from(value, (item, i) => plain(where, `${path}[${i}]`, item));
  if (!isPlainObject(value)) refuse(where, path, 'plain JSON (null, boolean, number, string, array or object)', kindOf(value));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  for (const [key] of entries) {
    if (key === NUMBER || key === '__proto__') refuse(where, path, `an object without the key '${key}'`, key);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(where, `${path}.${key}`, item)]));
}

/** Of whichever realm: its prototype is nothing, or what has none. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The value behind a text of `storedJson`. @throws SyntaxError, RangeError where the text is none */
export function fromStoredJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    // Whoever copied it by assignment would get another prototype.
    if (key === '__proto__') throw new SyntaxError("the key '__proto__'");
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, NUMBER)) return value;
    const number = (value as Record<string, unknown>)[NUMBER];
    if (!NUMBERS.includes(number as string)) throw new SyntaxError(`the number ${JSON.stringify(number)}`);
    return Number(number);
  });
}
