/** One table of deterministic changes of pictures, for every backend: in Node and in a browser. */
import type * as augment from '../src/augment/index.js';
import type { Pixels } from '../src/augment/index.js';
import { colourCases } from './augment-colour-cases.js';
import { geometryCases } from './augment-geometry-cases.js';

/** A functional form with its arguments. */
export interface AugmentCase {
  readonly name: string;
  /** Of bytes or of tensors; several results as a list. */
  run<X extends Pixels>(x: X, functions: typeof augment): X | readonly X[];
  /** Nothing is computed, so that tensors hold exactly the bytes; else they are within one grey level. */
  readonly exact?: true;
  /** Bytes are what tensors hold, rounded: sums are exact in float32 on every backend. */
  readonly rounded?: true;
}

/** Grey levels by which a case's tensors may differ from its bytes. */
export function allowance({ exact, rounded }: AugmentCase): number {
  if (exact) return 0;
  return rounded ? 0.5 : 1;
}

/** Add a list for each kind of change. */
export const augmentCases: readonly AugmentCase[] = [...geometryCases, ...colourCases];
