/** A record as JSON: how it comes from another process, or out of a browser. */
import type { TrainingRecord, Values } from './training-record.js';

/** Arrays are base64 of float32, so that not a bit is lost. */
export interface PackedRecord extends Pick<TrainingRecord, 'backend' | 'adapter' | 'losses'> {
  readonly gradients: Readonly<Record<string, string>>;
  readonly weights: Readonly<Record<string, string>>;
}

/** @param record of float32 */
export function packRecord({ gradients, weights, ...rest }: TrainingRecord): PackedRecord {
  return { ...rest, gradients: mapped(gradients, toBase64), weights: mapped(weights, toBase64) };
}

/** The record again. */
export function unpackRecord({ gradients, weights, ...rest }: PackedRecord): TrainingRecord {
  return { ...rest, gradients: mapped(gradients, fromBase64), weights: mapped(weights, fromBase64) };
}

function mapped<A, B>(of: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, f(value)]));
}

/** A function takes so many arguments at most. */
const PIECE = 1 << 15;

function toBase64(values: Values): string {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  return btoa(text);
}

function fromBase64(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}
