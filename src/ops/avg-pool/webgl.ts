import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgl.js';
import { type PoolWindows, slidingWindows, type WindowSizes } from '../pool/webgl-windows.js';
import type { AvgPoolGeometry } from './geometry.js';

/** What a window's sum is divided by: `float divisor(int oy, int ox)`. */
export interface Divisor {
  /** Tells it from the op's others. */
  readonly variant?: string;
  readonly functions: string;
}

/**
 * The mean of each window, and back.
 * @param op its name
 */
export function averageOver<Geometry extends WindowSizes>(
  op: string,
  windows: PoolWindows<Geometry>,
  divisorOf: (g: Geometry) => Divisor,
): Parts<RunnerKernel<Geometry, WebglRunner>> {
  return {
    forward({ x }, g, runner) {
      const body = `  vec2 sum = vec2(0);
${windows.over('      sum += xPixel(line, ix, c);')}
  result0 = sum / divisor(py, px);`;
      return runPool(runner, { name: `${op} forward`, windows, pixels: 'y', ...divisorOf(g), body }, { likeX: { x: x! } }, g);
    },

    // Each window's dy is divided once, not once for each of its pixels.
    dx({ dy }, g, runner) {
      const divided = { name: `${op} shares`, windows, pixels: 'y' as const, ...divisorOf(g) };
      const body = '  result0 = dyPixel(row, px, c) / divisor(py, px);';
      const [share] = runPool(runner, { ...divided, body }, { likeY: { dy: dy! } }, g) as [TensorInfo];
      const sum = `  result0 = vec2(0);\n${windows.holding('      result0 += sharePixel(line, ox, c);')}`;
      const dx = runPool(runner, { name: `${op} dx`, windows, pixels: 'x', body: sum }, { likeY: { share } }, g);
      runner.dispose(share);
      return dx;
    },
  };
}

/** Along each axis a window's elements in the picture, or with the padding that lies in it. */
const divisor = ({ countIncludePad }: AvgPoolGeometry): Divisor => ({
  variant: String(countIncludePad),
  functions: `float counted(int start, int size, int after, int window, int dilation) {
  int count = 0;
  for (int k = 0; k < window; k++) {
    int i = start + k * dilation;
    if (${countIncludePad ? 'i < size + after' : 'i >= 0 && i < size'}) count++;
  }
  return float(count);
}
float divisor(int oy, int ox) {
  return counted(oy * strideHeight - padTop, inHeight, padBottom, filterHeight, dilationHeight) *
    counted(ox * strideWidth - padLeft, inWidth, padRight, filterWidth, dilationWidth);
}`,
});

export const webgl = averageOver<AvgPoolGeometry>('CnnAvgPool', slidingWindows, divisor);
