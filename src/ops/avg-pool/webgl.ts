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
  const part = (name: 'forward' | 'dx', g: Geometry, body: string) => {
    const pixels = name === 'forward' ? ('y' as const) : ('x' as const);
    return { name: `${op} ${name}`, windows, pixels, ...divisorOf(g), body: `  vec2 sum = vec2(0);\n${body}` };
  };
  return {
    forward({ x }, g, runner) {
      const body = `${windows.over('      sum += xPixel(line, ix, c);')}\n  result0 = sum / divisor(py, px);`;
      return runPool(runner, part('forward', g, body), { likeX: { x: x! } }, g);
    },
    dx({ dy }, g, runner) {
      const body = `${windows.holding('      sum += dyPixel(line, ox, c) / divisor(oy, ox);')}\n  result0 = sum;`;
      return runPool(runner, part('dx', g, body), { likeY: { dy: dy! } }, g);
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
