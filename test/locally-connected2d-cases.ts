import { windowGeometry } from '../src/geometry.js';
import { locallyConnected2d } from '../src/index.js';
import type { FusedActivation } from '../src/ops/activation/fused.js';
import { type LocallyConnected2DShapeOptions, locallyConnected2dGeometry } from '../src/ops/locally-connected2d/geometry.js';
import { compareFilterOp } from './filter-op-parts.js';
import type { Sides } from './kernel-sides.js';
import { choose, integer } from './random.js';

/** An unshared convolution to try. */
export interface Drawn {
  xShape: [number, number, number, number];
  filters: number;
  options: LocallyConnected2DShapeOptions & { kernelSize: [number, number] };
  withBias: boolean;
}

const activations: FusedActivation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh'];

function draw(random: () => number): Drawn {
  for (;;) {
    const drawn: Drawn = {
      xShape: [integer(random, 1, 6), integer(random, 1, 8), integer(random, 1, 8), integer(random, 1, 9)],
      filters: choose(random, [1, 3, 4, 7, 8, 13, 16]),
      options: {
        kernelSize: [integer(random, 1, 4), integer(random, 1, 4)],
        strides: [integer(random, 1, 3), integer(random, 1, 3)],
        pads: choose<LocallyConnected2DShapeOptions['pads']>(random, ['same', 'valid', { top: 2, bottom: 0, left: 1, right: 3 }]),
        activation: choose(random, activations),
      },
      withBias: random() < 0.7,
    };
    try {
      windowGeometry('case', drawn.xShape, drawn.options.kernelSize, 1, drawn.options);
      return drawn;
    } catch {
      // No output is left: draw again.
    }
  }
}

const fixed: Drawn[] = [
  { xShape: [5, 7, 7, 4], filters: 16, options: { kernelSize: [3, 3], activation: 'relu' }, withBias: true },
  { xShape: [1, 6, 5, 3], filters: 2, options: { kernelSize: [3, 3] }, withBias: true },
  // Pads wider than the window, so that some outputs see nothing of x; and rows of x that no window sees.
  { xShape: [2, 2, 3, 3], filters: 5, options: { kernelSize: [2, 2], pads: 3, strides: 2 }, withBias: true },
  { xShape: [2, 7, 8, 2], filters: 9, options: { kernelSize: [2, 1], strides: 3 }, withBias: false },
];

/** What is easily got wrong, and random ones. */
export function localCases(random: () => number): Drawn[] {
  return [...fixed, ...Array.from({ length: 16 }, () => draw(random))];
}

/** Every part of it against float64. */
export async function compareLocal(
  sides: Pick<Sides, 'compare'>,
  { xShape, filters, options, withBias }: Drawn,
  random: () => number,
): Promise<void> {
  const { outHeight, outWidth } = windowGeometry('case', xShape, options.kernelSize, filters, options);
  const window = options.kernelSize[0] * options.kernelSize[1];
  const filter = [outHeight, outWidth, window * xShape[3], filters];
  const g = locallyConnected2dGeometry(xShape, filter, options);
  await compareFilterOp(
    sides,
    locallyConnected2d.definition,
    g,
    {
      shapes: { x: xShape, filter, bias: [outHeight, outWidth, filters], dy: [xShape[0], outHeight, outWidth, filters] },
      terms: { forward: window * xShape[3] + 1, dx: window * filters, dfilter: xShape[0], dbias: xShape[0] },
      withBias,
    },
    random,
  );
}
