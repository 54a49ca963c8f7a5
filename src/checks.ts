/** Checks of arguments that many functions have; each gives the value back where it is valid. */
import { ArgumentError } from './geometry.js';

/** @throws ArgumentError "where: argument must be expected, got value" */
export function refuse(where: string, argument: string, expected: string, value: unknown): never {
  throw new ArgumentError(`${where}: ${argument} must be ${expected}, got ${shown(value)}`);
}

/** @throws ArgumentError where the value is not 1, 2, 3, ... */
export function positiveInteger(where: string, argument: string, value: unknown): number {
  return isPositiveInteger(value) ? value : refuse(where, argument, 'a positive integer', value);
}

/** @throws ArgumentError where the value is not 0, 1, 2, ... */
export function nonNegativeInteger(where: string, argument: string, value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(where, argument, 'an integer, 0 or more', value);
}

/**
 * @param what they are, for the message: "positive integers, `what`"
 * @throws ArgumentError where there is none, or one is not 1, 2, 3, ...
 */
export function positiveIntegers(where: string, argument: string, what: string, values: unknown): readonly number[] {
  if (Array.isArray(values) && values.length > 0 && values.every(isPositiveInteger)) return values;
  return refuse(where, argument, `positive integers, ${what}`, values);
}

/** @throws ArgumentError where the value is no finite number above 0 */
export function positiveNumber(where: string, argument: string, value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Infinity
    ? value
    : refuse(where, argument, 'a finite number above 0', value);
}

/** @throws ArgumentError where the value is no finite number, or below 0 */
export function nonNegativeNumber(where: string, argument: string, value: unknown): number {
  return typeof value === 'number' && value >= 0 && value < Infinity
    ? value
    : refuse(where, argument, 'a finite number, 0 or more', value);
}

/** Of dropout and its like. @throws ArgumentError where the value is no number in [0, 1) */
export function share(where: string, argument: string, value: unknown): number {
  return typeof value === 'number' && value >= 0 && value < 1 ? value : refuse(where, argument, 'a number in [0, 1)', value);
}

/** @throws ArgumentError where the value is no number in [0, 1] */
export function upToOne(where: string, argument: string, value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : refuse(where, argument, 'a number in [0, 1]', value);
}

/** The value, where it is true or false: 'no' would count as true. */
export function flag(where: string, argument: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse(where, argument, 'true or false', value);
}

/** @throws ArgumentError listing what is valid */
export function oneOf<T>(where: string, argument: string, value: T, valid: readonly T[]): T {
  return valid.includes(value) ? value : refuse(where, argument, `one of ${valid.map(shown).join(', ')}`, value);
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

/** Whether the value is an object by names: no null, no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as messages show it: JSON has no NaN, no infinity and no functions. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
}

/** The options. @throws ArgumentError where there is one of another name: a misspelt one would be passed over */
export function onlyKnown<Options extends object>(where: string, options: Options, known: readonly string[]): Options {
  if (!isRecord(options)) refuse(where, 'options', `an object with ${known.join(', ')}`, options);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ArgumentError(`${where}: there is no option '${unknown}'; it has ${known.join(', ')}`);
  return options;
}
