/** What of its input an output of a layer sees: how receptive fields are told. */
import type { WindowGeometry } from '../geometry.js';

/** The window of one output; pairs are [height, width], in pixels of the input. */
export interface LayerWindow {
  /** From its first to its last pixel. */
  readonly size: readonly [number, number];
  /** From one output's window to the next one's; a fraction where the layer enlarges the picture. */
  readonly strides: readonly [number, number];
  /** How far the first one begins above and left of the picture. */
  readonly before: readonly [number, number];
}

/** The window of a convolution or a pool. */
export function slidingWindow(g: WindowGeometry): LayerWindow {
  return {
    size: [g.dilationHeight * (g.filterHeight - 1) + 1, g.dilationWidth * (g.filterWidth - 1) + 1],
    strides: [g.strideHeight, g.strideWidth],
    before: [g.padTop, g.padLeft],
  };
}

/**
 * What an output of the adjoint sees: of a transposed convolution or an unpooling, [height, width] of whose windows with
 * their gaps, strides and pads above and left are those of the layer that leads back.
 */
export function adjointWindow(
  span: readonly [number, number],
  strides: readonly [number, number],
  before: readonly [number, number],
): LayerWindow {
  return {
    size: [Math.ceil(span[0] / strides[0]), Math.ceil(span[1] / strides[1])],
    strides: [1 / strides[0], 1 / strides[1]],
    before: [Math.floor((span[0] - 1 - before[0]) / strides[0]), Math.floor((span[1] - 1 - before[1]) / strides[1])],
  };
}

/** The whole picture [batch, height, width, channels] at once; of an input of another rank nothing is known. */
export function wholePicture(shape: readonly number[]): LayerWindow | undefined {
  if (shape.length !== 4) return undefined;
  const [, height, width] = shape as [number, number, number, number];
  return { size: [height, width], strides: [height, width], before: [0, 0] };
}
