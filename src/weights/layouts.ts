/** How frameworks lay out the weights that this package holds: which axes, in which order. */

import { sizeOf } from '../layers/cnn-layer.js';

/** Whose names and layouts: PyTorch's (OIHW, [out, in]) or Keras's (HWIO, [in, out]). */
export type Framework = 'torch' | 'keras';

/** One weight in a framework's layout, by what it is here. */
export interface Layout {
  /** The shape here, some axes maybe taken apart. */
  readonly axes: readonly number[];
  /** Which of those axes comes first in the framework, which second, ... */
  readonly order: readonly number[];
  /** The framework's shape. */
  readonly shape: readonly number[];
}

/** What the weights of a class of layers are, by the last part of their name. */
type Kinds = Readonly<Record<string, 'convolution' | 'depthwise' | 'dense'>>;

/** Ours and tfjs's own layers; of what is not here the layout is the same everywhere. */
const kinds: Readonly<Record<string, Kinds>> = {
  Conv2D: { kernel: 'convolution' },
  DepthwiseConv2D: { depthwise_kernel: 'depthwise' },
  // Transposed convolutions hold the filter of the convolution that they are the adjoint of, here as there.
  Conv2DTranspose: { kernel: 'convolution' },
  ConvTranspose2D: { kernel: 'convolution' },
  Dense: { kernel: 'dense' },
};

/**
 * The layout of one weight.
 * @param className of its layer, with or without our `Cnn`
 * @param role      the last part of the weight's name: kernel, bias, gamma, ...
 * @param map       [height, width, channels] of what was flattened before a dense layer, if so
 */
export function layoutOf(
  framework: Framework,
  className: string,
  role: string,
  shape: readonly number[],
  map?: readonly number[],
): Layout {
  const kind = framework === 'torch' ? kinds[className.replace(/^Cnn/, '')]?.[role] : undefined;
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  switch (kind) {
    case 'convolution':
      return { axes: shape, order: [3, 2, 0, 1], shape: [outputs, inputs, height, width] };
    case 'depthwise':
      return { axes: shape, order: [2, 3, 0, 1], shape: [inputs * outputs, 1, height, width] };
    case 'dense': {
      const [from, to] = shape as [number, number];
      if (!map) return { axes: shape, order: [1, 0], shape: [to, from] };
      // PyTorch flattens channel by channel, we pixel by pixel.
      return { axes: [...map, to], order: [3, 2, 0, 1], shape: [to, from] };
    }
    default:
      return { axes: shape, order: shape.map((_, axis) => axis), shape };
  }
}

/** Our values in the framework's order. */
export function toFramework(values: Float32Array, layout: Layout): Float32Array {
  const to = new Float32Array(values.length);
  forEachPlace(layout, (here, there, step, length) => {
    for (let i = 0, from = here; i < length; i++, from += step) to[there + i] = values[from]!;
  });
  return to;
}

/** The framework's values in our order. */
export function fromFramework(values: ArrayLike<number>, layout: Layout): Float32Array {
  const to = new Float32Array(values.length);
  forEachPlace(layout, (here, there, step, length) => {
    for (let i = 0, at = here; i < length; i++, at += step) to[at] = values[there + i]!;
  });
  return to;
}

/**
 * Visits the framework's last axis row by row: where a row begins here, where it begins there, and the distance
 * of its elements here.
 */
function forEachPlace({ axes, order }: Layout, visit: (here: number, there: number, step: number, length: number) => void): void {
  const strides = axes.map((_, axis) => sizeOf(axes.slice(axis + 1)));
  const outer = order.slice(0, -1);
  const last = order.at(-1);
  const length = last === undefined ? 1 : axes[last]!;
  const step = last === undefined ? 1 : strides[last]!;
  let there = 0;
  const descend = (depth: number, here: number): void => {
    const axis = outer[depth];
    if (axis === undefined) {
      visit(here, there, step, length);
      there += length;
      return;
    }
    for (let i = 0; i < axes[axis]!; i++) descend(depth + 1, here + i * strides[axis]!);
  };
  descend(0, 0);
}
