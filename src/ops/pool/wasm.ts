import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { PoolAxes, PoolAxis, PoolSizes } from './axis.js';

/** The sizes as the kernels' PoolShape, followed by (first, count) of every row and every column of windows. */
export function poolShape(wasm: WasmRuntime, g: PoolSizes, [rows, columns]: PoolAxes, ...further: number[]): number {
  return wasm.struct(
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outHeight,
    g.outWidth,
    rows.step,
    columns.step,
    ...table(rows),
    ...table(columns),
    ...further,
  );
}

function table({ first, count }: PoolAxis): number[] {
  return Array.from(first, (position, o) => [position, count[o]]).flat();
}

/** Elements that a piece of parallel work should touch: some 50 us of it. */
const PIECE = 1 << 16;

/** Rows a piece of parallel work. */
export function rowsPerPiece(elementsPerRow: number): number {
  return Math.max(1, Math.round(PIECE / Math.max(1, elementsPerRow)));
}

/** Input elements that all windows of one output row look at. */
export function elementsPerOutputRow(g: PoolSizes, [rows, columns]: PoolAxes): number {
  const width = columns.count.reduce((sum, n) => sum + n, 0);
  return Math.max(0, ...rows.count) * width * g.inChannels;
}

/** The sizes of a pool's adjoint, which reads what the pool writes. */
export function swapped(g: PoolSizes): PoolSizes {
  return {
    batch: g.batch,
    inChannels: g.inChannels,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
  };
}
