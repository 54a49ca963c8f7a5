import type { WasmRuntime } from '../../backends/wasm-runtime.js';

/** Floats of a chunk whose sums are taken apart from the others'. */
const CHUNK = 65536;

/** sums[column] = sum over the rows of source [rows, columns]; row-major, without gaps. */
export function columnSums(wasm: WasmRuntime, source: number, rows: number, columns: number, sums: number): void {
  let fold = 1;
  while ((columns * fold) % 4 !== 0 || columns * fold < 16) fold *= 2;
  const wide = columns * fold;
  const wideRows = Math.floor(rows / fold);
  const chunkRows = Math.max(1, Math.min(Math.ceil(CHUNK / wide), Math.max(64, Math.ceil(Math.sqrt(wideRows)))));
  const chunks = Math.ceil(wideRows / chunkRows);
  const partial = wasm.scratch(chunks * wide * 4);
  const task = wasm.struct(source, rows, columns, fold, chunkRows, chunks, partial, sums);
  wasm.parallel('columnSumsChunks', chunks, Math.max(1, Math.ceil(CHUNK / (chunkRows * wide))), task);
  wasm.parallel('columnSumsFold', columns, Math.max(1, Math.ceil(CHUNK / ((chunks + 1) * fold))), task);
}
