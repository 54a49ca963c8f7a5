import { InvalidArgumentError, Option } from 'commander';

/** Takes 1, 2, 3, ... */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(`Expected a positive integer, found '${text}'.`);
  }
  return value;
}

/** Takes 0, 1, 2, ... below 2^32. */
export function seedNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 32)
    throw new InvalidArgumentError(`Expected an integer from 0 to ${2 ** 32 - 1}, found '${text}'.`);
  return value;
}

/** Takes 0, 1, 2, ... */
export function wholeNumber(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}

/** Takes 0 and numbers above; no NaN, no infinity. */
export function nonNegativeNumber(text: string): number {
  return Number(text) === 0 && text.trim() !== '' ? 0 : positiveNumber(text);
}

/** Takes numbers from 0 to below 1. */
export function share(text: string): number {
  const value = nonNegativeNumber(text);
  if (value >= 1) throw new InvalidArgumentError(`Expected a number from 0 to below 1, found '${text}'.`);
  return value;
}

/** Takes numbers above zero; no NaN, no infinity. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError(`Expected a positive number, found '${text}'.`);
  }
  return value;
}

/** The same option for all commands that compute. */
export const backendOption = () =>
  new Option('--backend <name>', "tfjs's backend: wasm-cnn, cpu, wasm, tensorflow, webgpu").default('wasm-cnn');

export const jsonOption = () => new Option('--json', 'print one JSON object on the last line, all else on stderr');
