/** What names and shapes tell of a net. */
import type { NetName } from '../../zoo/catalog.js';
import type { preprocessings } from '../../zoo/model-info.js';
import type { Variant } from '../../zoo/net-options.js';
import type { Keys } from '../keys/keys.js';

/** A net that was recognised. */
export interface Finding {
  readonly net: NetName;
  readonly variant: Variant;
  /** Channels of the pictures. */
  readonly channels: number;
  /** Of the classifier; undefined where the file has none. */
  readonly classes: number | undefined;
  /** What else the builder must be told. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Whose names; default: those of the variant's library. */
  readonly names?: string;
  /** How pictures are prepared for these weights; default as the catalogue says of the variant. */
  readonly pictures?: keyof typeof preprocessings;
}

/** Recognises one family of nets. */
export type Family = (keys: Keys) => Finding | undefined;

/** The options among these that are not as a builder has them anyway. */
export function unusual(options: Readonly<Record<string, readonly [value: unknown, usual: unknown]>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, [value, usual]]) => (value === usual ? [] : [[name, value]])),
  );
}
