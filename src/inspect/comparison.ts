/** What a comparison of two arrays found. */
export interface Comparison {
  /** Against what: 'reference', 'builtin' or 'differences'. */
  against: string;
  /** 'y', or the gradient: 'dx', 'dfilter', ... */
  what: string;
  /** No element is beyond its bound. */
  passed: boolean;
  /** Elements compared. */
  count: number;
  /** Elements beyond their bound. */
  failures: number;
  /** The element that uses up most of its bound. */
  worst: WorstElement;
}

/** The element of a comparison that uses up most of its bound. */
export interface WorstElement {
  /** Position along every axis. */
  index: number[];
  /** What was computed. */
  found: number;
  /** What the oracle says. */
  expected: number;
  /** |found - expected| */
  error: number;
  /** The largest error allowed there. */
  bound: number;
}

/** Position along every axis of element `flat`. */
export function position(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/**
 * Compares element by element. NaN equals NaN and nothing else; infinities equal themselves.
 *
 * @param elements the ones to compare; default all
 */
export function compare(
  against: string,
  what: string,
  shape: readonly number[],
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  bounds: ArrayLike<number>,
  elements: Iterable<number> = Array.from({ length: expected.length }, (_, i) => i),
): Comparison {
  let worst = { index: [] as number[], found: NaN, expected: NaN, error: 0, bound: 0 };
  let worstShare = -1;
  let failures = 0;
  let count = 0;
  for (const i of elements) {
    count++;
    const [a, b, bound] = [found[i]!, expected[i]!, bounds[i]!];
    const error = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
    // NaN on one side only makes error NaN: never within a bound.
    const within = error <= bound;
    if (!within) failures++;
    const share = within
      ? bound > 0
        ? error / bound
        : 0
      : Number.isFinite(error)
        ? 1 + error / (bound || Number.MIN_VALUE)
        : Infinity;
    if (share > worstShare) {
      worstShare = share;
      worst = { index: position(i, shape), found: a, expected: b, error, bound };
    }
  }
  const sameLength = found.length === expected.length;
  return { against, what, passed: failures === 0 && sameLength, count, failures: sameLength ? failures : count, worst };
}
