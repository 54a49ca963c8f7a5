import type { Parts, WasmKernel } from '../../kernels.js';
import { type DividedAxes, type DividedAxis, type PoolSizes, transposed } from '../pool/axis.js';
import { elementsPerOutputRow, poolShape, rowsPerPiece, swapped } from '../pool/wasm.js';
import { averagingAxes } from './geometry.js';

/**
 * Average pooling over the windows that `axes` derives from the geometry.
 * x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
 */
export function averageOver<G extends PoolSizes>(axes: (g: G) => DividedAxes): Parts<WasmKernel<G>> {
  return {
    forward({ x }, { y }, g, wasm) {
      const windows = axes(g);
      wasm.parallel(
        'avgPoolForward',
        g.batch * g.outHeight,
        rowsPerPiece(elementsPerOutputRow(g, windows)),
        x,
        y,
        poolShape(wasm, g, windows, ...windows.flatMap(weights)),
      );
    },

    // The other way round it is a pool too: every pixel sums up what the windows that hold it send back.
    dx({ dy }, { dx }, g, wasm) {
      const windows = axes(g);
      const back = [transposed(windows[0]), transposed(windows[1])] as const;
      const sizes = swapped(g);
      wasm.parallel(
        'avgPoolDx',
        sizes.batch * sizes.outHeight,
        rowsPerPiece(elementsPerOutputRow(sizes, back)),
        dy,
        dx,
        poolShape(wasm, sizes, back, ...windows.flatMap(weights)),
      );
    },
  };
}

/** One over the divisors, as the bits of float32: a parameter struct holds integers. */
function weights({ divisor }: DividedAxis): number[] {
  return [...new Int32Array(Float32Array.from(divisor, (n) => 1 / n).buffer)];
}

export const wasmCnn = averageOver(averagingAxes);
