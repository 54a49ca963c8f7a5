import type { BufferKernel, Parts } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

/** Calls `pair` for every channel and every channel in its window. */
function forEachPair(n: number, g: LocalResponseNormalizationGeometry, pair: (channel: number, other: number) => void): void {
  for (let i = 0; i < n; i++) {
    const c = i % g.channels;
    for (let other = c - g.below; other <= c + g.above; other++) {
      if (other >= 0 && other < g.channels) pair(i, i - c + other);
    }
  }
}

/** s = k + a * sum of squares over the window. */
function scales(x: Float64Array, g: LocalResponseNormalizationGeometry): Float64Array {
  const s = new Float64Array(x.length).fill(g.k);
  forEachPair(x.length, g, (i, other) => {
    s[i] += g.alpha * x[other] ** 2;
  });
  return s;
}

/** Local response normalization in float64, as the formula says. */
export const reference: Parts<BufferKernel<Float64Array, LocalResponseNormalizationGeometry>> = {
  forward({ x }, { y }, g) {
    const s = scales(x, g);
    for (let i = 0; i < x.length; i++) y[i] = x[i] * s[i] ** -g.beta;
  },

  dx({ dy, x }, { dx }, g) {
    const s = scales(x, g);
    for (let i = 0; i < x.length; i++) dx[i] = dy[i] * s[i] ** -g.beta;
    forEachPair(x.length, g, (i, other) => {
      dx[other] -= 2 * g.alpha * g.beta * x[other] * dy[i] * x[i] * s[i] ** (-g.beta - 1);
    });
  },
};
