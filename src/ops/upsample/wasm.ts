import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import { rowsPerPiece } from '../pool/wasm.js';
import { type Resampling, resamplings, transposedResampling, type UpsampleGeometry } from './geometry.js';

/** (first, count, index of the first weight) of every output; weights stand behind all others from `base` on. */
function table({ first, count, offset }: Resampling, base: number): number[] {
  return Array.from(first, (position, o) => [position, count[o]!, base + offset[o]!]).flat();
}

/** As the bits of float32: a parameter struct holds integers. */
function bits(weights: Float64Array): number[] {
  return [...new Int32Array(Float32Array.from(weights).buffer)];
}

/** Every pixel of `to` as a sum of those of `from` [batch, height, width, channels], see wasm.asm.ts. */
function resample(
  wasm: WasmRuntime,
  from: number,
  to: number,
  { batch, channels }: UpsampleGeometry,
  height: number,
  width: number,
  [rows, columns]: readonly [Resampling, Resampling],
): void {
  const [outHeight, outWidth] = [rows.first.length, columns.first.length];
  const shape = wasm.struct(
    height,
    width,
    channels,
    outHeight,
    outWidth,
    ...table(rows, 0),
    ...table(columns, rows.weights.length),
    ...bits(rows.weights),
    ...bits(columns.weights),
  );
  const terms = columns.weights.length * Math.max(1, ...rows.count) * channels;
  wasm.parallel('resampleRows', batch * outHeight, rowsPerPiece(terms), from, to, shape);
}

/** x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const wasmCnn: Parts<WasmKernel<UpsampleGeometry>> = {
  forward({ x }, { y }, g, wasm) {
    resample(wasm, x!, y!, g, g.inHeight, g.inWidth, resamplings(g));
  },

  // The other way round it is the same: every pixel sums up what the pixels that it went to send back.
  dx({ dy }, { dx }, g, wasm) {
    const [rows, columns] = resamplings(g);
    const back = [transposedResampling(rows, g.inHeight), transposedResampling(columns, g.inWidth)] as const;
    resample(wasm, dy!, dx!, g, g.outHeight, g.outWidth, back);
  },
};
