import type { BufferKernel, Parts } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

/** Local response normalization. x, y, dy, dx [..., channels]. */
export const cpu: Parts<BufferKernel<Float32Array, LocalResponseNormalizationGeometry>> = {
  forward({ x }, { y }, g) {
    const power = negativePower(g.beta);
    const squares = new Float64Array(g.below + g.channels + g.above);
    for (let pixel = 0; pixel < x.length; pixel += g.channels) {
      for (let c = 0; c < g.channels; c++) squares[g.below + c] = x[pixel + c] ** 2;
      for (let c = 0; c < g.channels; c++) y[pixel + c] = x[pixel + c] * power(g.k + g.alpha * windowSum(squares, c, g));
    }
  },

  dx({ dy, x }, { dx }, g) {
    const power = negativePower(g.beta);
    const squares = new Float64Array(g.below + g.channels + g.above);
    // The windows that hold a channel reach as far the other way.
    const shares = new Float64Array(g.above + g.channels + g.below);
    const factor = 2 * g.alpha * g.beta;
    for (let pixel = 0; pixel < x.length; pixel += g.channels) {
      for (let c = 0; c < g.channels; c++) squares[g.below + c] = x[pixel + c] ** 2;
      for (let c = 0; c < g.channels; c++) {
        const s = g.k + g.alpha * windowSum(squares, c, g);
        const direct = dy[pixel + c] * power(s);
        dx[pixel + c] = direct;
        shares[g.above + c] = (direct * x[pixel + c]) / s;
      }
      for (let c = 0; c < g.channels; c++) dx[pixel + c] -= factor * x[pixel + c] * windowSum(shares, c, g);
    }
  },
};

/** Sum of the window's values that begins at `first`, of a row with zeros on both sides. */
function windowSum(values: Float64Array, first: number, g: LocalResponseNormalizationGeometry): number {
  let sum = 0;
  for (let i = first; i <= first + g.below + g.above; i++) sum += values[i];
  return sum;
}

/** s => s^-beta. The usual exponents are roots, several times faster than a power. */
function negativePower(beta: number): (s: number) => number {
  if (beta === 0.75) return (s) => 1 / (Math.sqrt(s) * Math.sqrt(Math.sqrt(s)));
  if (beta === 0.5) return (s) => 1 / Math.sqrt(s);
  return (s) => s ** -beta;
}
