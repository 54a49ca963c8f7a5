import { type PoolOptions, poolGeometry } from '../src/ops/pool/geometry.js';
import { choose, generator, integer, seed } from './random.js';

/** A pool to try. */
export interface PoolCase {
  xShape: number[];
  options: PoolOptions;
}

/** LeNet's and ResNet's pools, small, and what is easily got wrong. */
const fixed: PoolCase[] = [
  { xShape: [2, 8, 8, 6], options: { size: 2 } },
  { xShape: [2, 7, 5, 6], options: { size: 2 } },
  { xShape: [1, 10, 10, 16], options: { size: 2 } },
  { xShape: [3, 5, 5, 1], options: { size: 2 } },
  { xShape: [2, 6, 7, 3], options: { size: 2 } },
  { xShape: [1, 11, 12, 64], options: { size: 3, strides: 2, pads: 1 } },
  { xShape: [1, 9, 9, 10], options: { size: 3, strides: 2, pads: 'same' } },
  { xShape: [1, 9, 9, 21], options: { size: 3, strides: 1, pads: 'same' } },
  { xShape: [1, 6, 6, 5], options: { size: 2, strides: 3 } },
  { xShape: [1, 7, 8, 2], options: { size: [1, 3], strides: [2, 1] } },
  { xShape: [2, 1, 1, 4], options: { size: 1 } },
  { xShape: [1, 2, 2, 3], options: { size: 3, strides: 2, ceilMode: true } },
  { xShape: [1, 6, 6, 4], options: { size: 2, ceilMode: true, pads: { top: 0, bottom: 1, left: 1, right: 0 } } },
  { xShape: [1, 20, 17, 9], options: { size: 7, strides: 4, pads: 3, ceilMode: true } },
];

function randomCase(random: () => number, dilated: boolean): PoolCase {
  for (;;) {
    const size: [number, number] = [integer(random, 1, 4), integer(random, 1, 4)];
    const [height, width] = size;
    const options: PoolOptions = {
      size,
      strides: [integer(random, 1, 4), integer(random, 1, 4)],
      pads: choose<PoolOptions['pads']>(random, [
        'same',
        'valid',
        {
          top: integer(random, 0, height - 1),
          bottom: integer(random, 0, height - 1),
          left: integer(random, 0, width - 1),
          right: integer(random, 0, width - 1),
        },
      ]),
      ceilMode: random() < 0.5,
      ...(dilated && { dilations: [integer(random, 1, 3), integer(random, 1, 3)] as const }),
    };
    const xShape = [integer(random, 1, 3), integer(random, 1, 12), integer(random, 1, 12), integer(random, 1, 23)];
    try {
      poolGeometry('case', xShape, options);
      return { xShape, options };
    } catch {
      // No output is left, or a window sees nothing but padding: draw again.
    }
  }
}

/** The fixed cases and random ones, with a name each, for test.each. */
export function poolCases(dilated: boolean): [string, PoolCase][] {
  const random = generator(seed);
  const cases = [...fixed, ...Array.from({ length: 20 }, () => randomCase(random, dilated))];
  return cases.map((each) => [`[${each.xShape}] ${JSON.stringify(each.options)}`, each]);
}
