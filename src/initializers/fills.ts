import type { Fill } from './seeded-initializer.js';
import { normal } from './ziggurat.js';

/** Uniform in [-limit, limit). */
export function uniformFill(limit: number): Fill {
  const step = limit * 2 ** -31;
  return (values, random) => {
    for (let begin = 0; begin < values.length; ) {
      const block = random.nextBlock();
      const end = Math.min(begin + block.length, values.length);
      for (let i = begin; i < end; i++) values[i] = block[i - begin]! * step;
      begin = end;
    }
  };
}

/** Normal with mean 0. */
export function normalFill(deviation: number): Fill {
  return boundedNormalFill(deviation, Infinity);
}

/** Normal with mean 0, what lies beyond two deviations drawn again: the deviation that is left is 0.8796 of the one given. */
export function truncatedNormalFill(deviation: number): Fill {
  return boundedNormalFill(deviation, 2);
}

function boundedNormalFill(deviation: number, bound: number): Fill {
  return (values, random) => {
    // One stream has 32 bits for each value; what takes more of them draws from another.
    const more = random.branch();
    for (let begin = 0; begin < values.length; ) {
      const block = random.nextBlock();
      const end = Math.min(begin + block.length, values.length);
      for (let i = begin; i < end; i++) {
        let x = normal(block[i - begin]!, more);
        while (Math.abs(x) > bound) x = normal(more.next(), more);
        values[i] = x * deviation;
      }
      begin = end;
    }
  };
}
