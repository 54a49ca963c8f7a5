/** What the layers that slide a window have in common: their options and the shape of their output. */
import type { Shape } from '@tensorflow/tfjs-layers';
import {
  ArgumentError,
  type Padding,
  type Pads,
  type Pair,
  pair,
  type WindowGeometry,
  type WindowOptions,
  windowGeometry,
} from '../geometry.js';
import type { Config } from './cnn-layer.js';

/** Options of a window, named as tfjs-layers names them. */
export interface WindowLayerOptions {
  /** Step of the window; a pair is [height, width]. */
  strides?: Pair;
  /**
   * 'valid' (default) and 'same' as in TensorFlow; a number pads every side, [height, width] both sides of
   * each axis, {top, bottom, left, right} each side on its own.
   */
  padding?: Padding;
  /** Distance between the elements of the window; default 1. Strides and dilation may be combined. */
  dilationRate?: Pair;
}

/** The same options as the ops name them, in the form that is saved. */
export interface WindowParameters extends WindowOptions {
  /** [height, width]. */
  readonly strides: [number, number];
  /** As WindowOptions has them. */
  readonly pads: Padding;
  /** [height, width]. */
  readonly dilations: [number, number];
}

export function windowParameters(where: string, options: WindowLayerOptions, strides: Pair = 1): WindowParameters {
  checkPadding(where, options.padding ?? 'valid');
  return {
    strides: pair(where, 'strides', options.strides ?? strides),
    pads: options.padding ?? 'valid',
    dilations: pair(where, 'dilationRate', options.dilationRate ?? 1),
  };
}

function checkPadding(where: string, padding: Padding): void {
  if (padding === 'same' || padding === 'valid') return;
  const { top, bottom, left, right } = padding as Pads;
  const pixels = typeof padding === 'number' ? [padding] : Array.isArray(padding) ? padding : [top, bottom, left, right];
  const expected = Array.isArray(padding) ? 2 : pixels.length;
  if (pixels.length === expected && pixels.every((count) => Number.isInteger(count) && count >= 0)) return;
  throw new ArgumentError(
    `${where}: padding must be 'same', 'valid', a non-negative integer, [height, width] or ` +
      `{top, bottom, left, right}, got ${JSON.stringify(padding)}`,
  );
}

/** What getConfig() holds of them. */
export function windowConfig({ strides, pads, dilations }: WindowParameters): Config {
  const padding = typeof pads === 'object' ? (Array.isArray(pads) ? [...pads] : { ...pads }) : pads;
  return { strides, padding: padding as Config, dilationRate: dilations, dataFormat: 'channelsLast' };
}

/** Derives a geometry from a shape of which every size is known. */
export type GeometryOf = (shape: number[]) => Pick<WindowGeometry, 'outHeight' | 'outWidth' | 'outChannels'>;

/**
 * Output shape for [batch, height, width, channels], in which all but the channels may be null. A height or
 * width that is not known yet stays so; `window` is one for which an output is left.
 */
export function windowOutputShape(shape: Shape, window: readonly [number, number], geometryOf: GeometryOf): Shape {
  const [batch, height, width, channels] = shape;
  const g = geometryOf([batch ?? 1, height ?? window[0], width ?? window[1], channels!]);
  return [batch!, height == null ? null : g.outHeight, width == null ? null : g.outWidth, g.outChannels];
}

/** Size of the window with its gaps: the smallest picture it fits. */
export function windowSpan(window: readonly [number, number], { dilations }: WindowParameters): [number, number] {
  return [dilations[0] * (window[0] - 1) + 1, dilations[1] * (window[1] - 1) + 1];
}

/** Output shape of a convolution. */
export function convolutionOutputShape(
  where: string,
  shape: Shape,
  kernelSize: readonly [number, number],
  filters: number,
  window: WindowParameters,
): Shape {
  return windowOutputShape(shape, windowSpan(kernelSize, window), (known) =>
    windowGeometry(where, known, kernelSize, filters, window),
  );
}
