/** Text as protocol 0 writes it. */
import type { PickleBytes } from './pickle-bytes.js';

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** A string of Python 2 in quotes, with escapes, as bytes. */
export function quotedBytes(input: PickleBytes): Uint8Array {
  const line = input.line();
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) {
    return input.fail('a string in quotes', `${line.slice(0, 40)}`);
  }
  const text = line.slice(1, -1).replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gi, (whole, code: string) => {
    if (/^x../.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
    return SIMPLE[code] ?? whole;
  });
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Latin 1 with \uXXXX and \UXXXXXXXX for the rest. */
export function rawUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U(00[01][0-9a-fA-F]{5})/g, (whole, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long!, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
