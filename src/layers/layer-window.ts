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

/** The whole picture [batch, height, width, channels] at once; of an input of another rank nothing is known. */
export function wholePicture(shape: readonly number[]): LayerWindow | undefined {
  if (shape.length !== 4) return undefined;
  const [, height, width] = shape as [number, number, number, number];
  return { size: [height, width], strides: [height, width], before: [0, 0] };
}
