import { GeometryError, type Padding, type Pair, pair, type WindowOptions, windowGeometry } from '../../geometry.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';
import { type Conv2DGeometry, checkBias, checkNotEmpty } from '../conv2d/geometry.js';

const OP = 'convTranspose2d';

/** The convolution whose input gradient a transposed convolution is, and the activation applied to its result. */
export interface ConvTranspose2DGeometry {
  /** From a picture like y to one like x: its dx is our forward pass, its forward pass our dx. */
  readonly convolution: Readonly<Conv2DGeometry>;
  readonly activation: FusedActivation;
}

/** Sizes of a transposed convolution's window. */
export interface ConvTranspose2DWindow extends Omit<WindowOptions, 'ceilMode'> {
  /**
   * Pixels taken away from the sides of the result; default 0, as PyTorch's padding. 'same' and 'valid' give
   * TensorFlow's sizes: size * stride, and size * stride + max(window - stride, 0).
   */
  pads?: Padding;
  /** Rows and columns added at the bottom and the right; default 0. Less than the stride, or than the dilation. */
  outputPadding?: Pair;
}

/** What convTranspose2dGeometry needs to know beside the shapes of x and filter. */
export interface ConvTranspose2DShapeOptions extends ConvTranspose2DWindow {
  groups?: number;
  activation?: FusedActivation;
  biasShape?: readonly number[];
}

/**
 * The geometry of a transposed convolution of x [batch, height, width, channels] with
 * filter [filterHeight, filterWidth, outChannels / groups, channels].
 *
 * @throws GeometryError where the shapes do not fit together or leave no output
 */
export function convTranspose2dGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  options: ConvTranspose2DShapeOptions = {},
): Readonly<ConvTranspose2DGeometry> {
  const { groups = 1, activation = 'linear', biasShape, ...window } = options;
  if (filterShape.length !== 4) {
    throw new GeometryError(
      `${OP}: filter must have rank 4 [filterHeight, filterWidth, outChannels / groups, inChannels], ` +
        `got rank ${filterShape.length} [${filterShape}]`,
    );
  }
  checkNotEmpty(OP, filterShape);
  const [filterHeight, filterWidth, groupChannels, inChannels] = filterShape as [number, number, number, number];
  if (!Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0) {
    throw new GeometryError(`${OP}: groups must be a divisor of the filter's ${inChannels} input channels, got ${groups}`);
  }
  const outChannels = groupChannels * groups;
  const adjoint = transposedWindow(OP, xShape, [filterHeight, filterWidth], outChannels, window);
  if (xShape[3] !== inChannels) {
    throw new GeometryError(
      `${OP}: x has ${xShape[3]} channels, but filter [${filterShape}] takes ${inChannels}; ` +
        'its fourth size must be the channels of x, its third those of the result',
    );
  }
  checkActivation(OP, activation);
  checkBias(OP, biasShape, outChannels);
  const convolution = Object.freeze({ ...adjoint, outChannels: inChannels, groups, activation: 'linear' as const });
  return Object.freeze({ convolution, activation });
}

/**
 * The window of the convolution that leads back from y to x [batch, height, width, channels]; y is its input.
 *
 * @throws GeometryError where x has no pixels or y none
 */
export function transposedWindow(
  op: string,
  xShape: readonly number[],
  filter: readonly [number, number],
  outChannels: number,
  options: ConvTranspose2DWindow,
) {
  if (xShape.length !== 4) {
    throw new GeometryError(`${op}: x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  const [batch, height, width, channels] = xShape as [number, number, number, number];
  if (height === 0 || width === 0) {
    throw new GeometryError(`${op}: x must have at least one row and one column, got [${xShape}]`);
  }
  const strides = pair(op, 'strides', options.strides ?? 1);
  const dilations = pair(op, 'dilations', options.dilations ?? 1);
  const pads = options.pads ?? 0;
  const extra = outputPaddingOf(op, options, filter, strides, dilations);
  // What a window of one pixel would see of x, its pads and what is added: the pads' own checks are windowGeometry's.
  const { padTop, padBottom, padLeft, padRight } = windowGeometry(op, xShape, [1, 1], channels, {
    pads: pads === 'same' ? 0 : pads,
  });
  const outHeight = outputSize(op, 'height', height, filter[0], strides[0], dilations[0], padTop + padBottom, extra[0], pads);
  const outWidth = outputSize(op, 'width', width, filter[1], strides[1], dilations[1], padLeft + padRight, extra[1], pads);
  const back = windowGeometry(op, [batch, outHeight, outWidth, outChannels], filter, channels, { ...options, strides, pads });
  // Where more rows were added than a stride has, one window more would fit.
  return { ...back, outHeight: height, outWidth: width };
}

/** Rows and columns added to the result. */
function outputPaddingOf(
  op: string,
  { pads, outputPadding }: ConvTranspose2DWindow,
  filter: readonly [number, number],
  strides: readonly [number, number],
  dilations: readonly [number, number],
): [number, number] {
  const added = (i: 0 | 1) => (pads === 'valid' ? Math.max(0, strides[i] - span(filter[i], dilations[i])) : 0);
  if (outputPadding === undefined) return [added(0), added(1)];
  const both: readonly number[] = typeof outputPadding === 'number' ? [outputPadding, outputPadding] : outputPadding;
  const fits = (value: number, i: number) =>
    Number.isInteger(value) && value >= 0 && value < Math.max(strides[i]!, dilations[i]!);
  if (!Array.isArray(both) || both.length !== 2 || !both.every(fits)) {
    throw new GeometryError(
      `${op}: outputPadding must be a non-negative integer or two of them [height, width], each less than the stride or ` +
        `the dilation (strides [${strides}], dilations [${dilations}]), got ${JSON.stringify(outputPadding)}`,
    );
  }
  if (pads === 'same') {
    throw new GeometryError(
      `${op}: outputPadding must be left out where pads is 'same', which says the size; give pads as numbers`,
    );
  }
  return [both[0]!, both[1]!];
}

function span(filter: number, dilation: number): number {
  return dilation * (filter - 1) + 1;
}

function outputSize(
  op: string,
  what: string,
  size: number,
  filter: number,
  stride: number,
  dilation: number,
  padding: number,
  extra: number,
  pads: Padding,
): number {
  if (pads === 'same') return size * stride;
  const out = (size - 1) * stride + span(filter, dilation) - padding + extra;
  if (out < 1) {
    throw new GeometryError(
      `${op}: no output is left: ${what} ${size} with stride ${stride} and the window ${span(filter, dilation)} gives ` +
        `${out + padding}, from which pads take ${padding}`,
    );
  }
  return out;
}
