import type { BufferKernel, Parts } from '../../kernels.js';
import type { UpsampleGeometry } from './geometry.js';

/** The two neighbours of a position along one axis, and how much of the second. */
function neighbours(o: number, axis: 0 | 1, g: UpsampleGeometry): [number, number, number] {
  const [size, out] = axis === 0 ? [g.inHeight, g.outHeight] : [g.inWidth, g.outWidth];
  const [over, under] = g.steps[axis];
  if (g.mode === 'nearest') {
    const nearest = Math.min(Math.floor((o * over) / under), size - 1);
    return [nearest, nearest, 0];
  }
  const edges = Math.max(((o + 0.5) * over) / under - 0.5, 0);
  const corners = out > 1 ? (o * (size - 1)) / (out - 1) : 0;
  const position = g.alignCorners ? corners : edges;
  const before = Math.min(Math.floor(position), size - 1);
  const after = Math.min(before + 1, size - 1);
  return [before, after, after === before ? 0 : position - before];
}

/** Calls `visit` for every output and each of the inputs it is made of, with the weight of that input. */
function forEachTerm(g: UpsampleGeometry, visit: (input: number, weight: number, output: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      const [top, bottom, down] = neighbours(oy, 0, g);
      for (let ox = 0; ox < g.outWidth; ox++) {
        const [left, right, across] = neighbours(ox, 1, g);
        for (let c = 0; c < g.channels; c++) {
          const output = ((b * g.outHeight + oy) * g.outWidth + ox) * g.channels + c;
          const input = (iy: number, ix: number) => ((b * g.inHeight + iy) * g.inWidth + ix) * g.channels + c;
          visit(input(top, left), (1 - down) * (1 - across), output);
          if (right !== left) visit(input(top, right), (1 - down) * across, output);
          if (bottom === top) continue;
          visit(input(bottom, left), down * (1 - across), output);
          if (right !== left) visit(input(bottom, right), down * across, output);
        }
      }
    }
  }
}

/** Upsampling in float64, as PyTorch writes it. */
export const reference: Parts<BufferKernel<Float64Array, UpsampleGeometry>> = {
  forward({ x }, { y }, g) {
    y!.fill(0);
    forEachTerm(g, (i, weight, o) => {
      y![o]! += weight * x![i]!;
    });
  },

  dx({ dy }, { dx }, g) {
    dx!.fill(0);
    forEachTerm(g, (i, weight, o) => {
      dx![i]! += weight * dy![o]!;
    });
  },
};
