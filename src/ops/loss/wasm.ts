import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { type LossGeometry, rowWeight } from './geometry.js';

/** Rows that one piece of parallel work takes: some ten thousand exponentials. */
export function rowsPerPiece(classes: number): number {
  return Math.max(1, Math.round(8192 / classes));
}

/** Lets `kernel` write one loss a row, and adds them up where the reduction says so. */
export function sumRowLosses(wasm: WasmRuntime, loss: number, g: LossGeometry, kernel: (rowLosses: number) => void): void {
  if (g.reduction === 'none') {
    kernel(loss);
    return;
  }
  const rowLosses = wasm.scratch(4 * g.batch);
  kernel(rowLosses);
  wasm.call('addUpLosses', rowLosses, g.batch, rowWeight(g), loss);
}
