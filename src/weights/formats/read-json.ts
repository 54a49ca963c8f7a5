import { isRecord } from '../../checks.js';
import { DataError } from '../../data/dataset.js';

/** Deeper ones end in stack overflows of whoever walks them. */
const DEEPEST = 200;

/**
 * JSON of a file from outside: UTF-8, an object, nowhere a key that reaches for prototypes, not deeper than anybody writes.
 *
 * @param source what errors call it
 * @throws DataError where it is anything else
 */
export function readJson(bytes: Uint8Array, source: string): Record<string, unknown> {
  const json = parsed(bytes, source);
  if (!isRecord(json)) throw new DataError(source, 'a JSON object', 'another kind of JSON');
  const open: { value: object; depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > DEEPEST) throw new DataError(source, `JSON of at most ${DEEPEST} levels`, 'deeper one');
    if (Object.hasOwn(next.value, '__proto__')) throw new DataError(source, "JSON without the key '__proto__'", 'one');
    for (const value of Object.values(next.value)) {
      if (typeof value === 'object' && value !== null) open.push({ value, depth: next.depth + 1 });
    }
  }
  return json;
}

function parsed(bytes: Uint8Array, source: string): unknown {
  try {
    // Decoders refuse views on shared memory, and a BOM at the beginning is no part of the text.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes as Uint8Array<ArrayBuffer>));
  } catch (error) {
    throw new DataError(source, 'JSON', `what is none (${(error as Error).message.slice(0, 100)})`);
  }
}
