/**
 * Padding, stride, dilation and groups become one frozen geometry object here and nowhere else. It is
 * the attributes of the kernels; no backend derives it again. Always NHWC.
 */

/** An argument that cannot be used; the message names the argument, what was expected and what came. */
export class ArgumentError extends Error {
  override readonly name: string = 'ArgumentError';
}

/** Sizes that do not fit together or leave no output. */
export class GeometryError extends ArgumentError {
  override readonly name = 'GeometryError';
}

/** A window that moves over height and width: the geometry of convolutions and pools. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
}

/** Pixels around the picture, per side. */
export interface Pads {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** 'same' and 'valid' as in TensorFlow; a number pads every side, a pair [height, width]. */
export type Padding = 'same' | 'valid' | number | readonly [number, number] | Readonly<Pads>;

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Options shared by everything that slides a window. */
export interface WindowOptions {
  /** Step of the window. */
  strides?: Pair;
  /** Zeros around the picture; default 'valid'. */
  pads?: Padding;
  /** Distance between the elements of the window; default 1. */
  dilations?: Pair;
  /** Keep a last window that begins inside the picture or its left padding (PyTorch's ceil_mode). */
  ceilMode?: boolean;
}

/** 'op: argument' as every message begins. */
function fail(op: string, message: string): never {
  throw new GeometryError(`${op}: ${message}`);
}

/** [height, width] of positive integers. */
export function pair(op: string, argument: string, value: Pair): [number, number] {
  const both: readonly number[] = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(both) || both.length !== 2 || !both.every((v) => Number.isInteger(v) && v > 0)) {
    fail(op, `${argument} must be a positive integer or two of them [height, width], got ${JSON.stringify(value)}`);
  }
  return [both[0] as number, both[1] as number];
}

function explicitPads(op: string, pads: Exclude<Padding, string>): Pads {
  let sides: Pads;
  if (typeof pads === 'number') sides = { top: pads, bottom: pads, left: pads, right: pads };
  else if (Array.isArray(pads)) sides = { top: pads[0], bottom: pads[0], left: pads[1], right: pads[1] };
  else sides = pads as Pads;
  const { top, bottom, left, right } = sides ?? {};
  if (![top, bottom, left, right].every((v) => Number.isInteger(v) && v >= 0)) {
    fail(
      op,
      `pads must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got ${JSON.stringify(pads)}`,
    );
  }
  return { top, bottom, left, right };
}

/** Output length, and the zeros before and after, of one axis. */
function axis(
  op: string,
  what: string,
  size: number,
  window: number,
  stride: number,
  dilation: number,
  pads: 'same' | 'valid' | [number, number],
  ceilMode: boolean,
): [number, number, number] {
  const span = dilation * (window - 1) + 1;
  if (pads === 'same') {
    const out = Math.ceil(size / stride);
    const total = Math.max(0, (out - 1) * stride + span - size);
    return [out, total >> 1, total - (total >> 1)];
  }
  const [before, after] = pads === 'valid' ? [0, 0] : pads;
  const room = size + before + after - span;
  let out = (ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  if (ceilMode && (out - 1) * stride >= size + before) out--;
  if (out < 1) {
    fail(
      op,
      `no output is left: ${what} ${size} with pads ${before} and ${after} is smaller than the window ${window}` +
        `${dilation > 1 ? ` (${span} with dilation ${dilation})` : ''}`,
    );
  }
  return [out, before, after];
}

/** The geometry of a window of [filterHeight, filterWidth] over x of shape [batch, height, width, channels]. */
export function windowGeometry(
  op: string,
  xShape: readonly number[],
  filter: readonly [number, number],
  outChannels: number,
  options: WindowOptions,
): Readonly<WindowGeometry> {
  if (xShape.length !== 4) {
    fail(op, `x must have rank 4 [batch, height, width, channels], got rank ${xShape.length} [${xShape}]`);
  }
  const [batch, inHeight, inWidth, inChannels] = xShape as [number, number, number, number];
  const [strideHeight, strideWidth] = pair(op, 'strides', options.strides ?? 1);
  const [dilationHeight, dilationWidth] = pair(op, 'dilations', options.dilations ?? 1);
  const pads = options.pads ?? 'valid';
  if (typeof pads === 'string' && pads !== 'same' && pads !== 'valid') {
    fail(
      op,
      `pads must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got '${pads}'`,
    );
  }
  const sides = typeof pads === 'string' ? pads : explicitPads(op, pads);
  const vertical = typeof sides === 'string' ? sides : ([sides.top, sides.bottom] as [number, number]);
  const horizontal = typeof sides === 'string' ? sides : ([sides.left, sides.right] as [number, number]);
  const ceil = options.ceilMode ?? false;
  const [outHeight, padTop, padBottom] = axis(op, 'height', inHeight, filter[0], strideHeight, dilationHeight, vertical, ceil);
  const [outWidth, padLeft, padRight] = axis(op, 'width', inWidth, filter[1], strideWidth, dilationWidth, horizontal, ceil);
  return Object.freeze({
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight: filter[0],
    filterWidth: filter[1],
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padTop,
    padBottom,
    padLeft,
    padRight,
  });
}
