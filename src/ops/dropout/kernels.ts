import { mul, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { BufferKernel, Parts, PortableKernel, WasmKernel } from '../../kernels.js';
import { type DropoutGeometry, maskAt } from './mask.js';

type Buffer = Float32Array | Float64Array;

/** Elements a piece: two arrays of 64 KiB. */
const GRAIN = 16384;

function drop(from: Buffer, to: Buffer, g: DropoutGeometry): void {
  for (let i = 0; i < g.size; i++) to[i] = from[i] * maskAt(i, g);
}

/** One product, rounded once: the same loop serves both number formats and both directions. */
export const reference: Parts<BufferKernel<Buffer, DropoutGeometry>> = {
  forward: ({ x }, { y }, g) => drop(x, y, g),
  dx: ({ dy }, { dx }, g) => drop(dy, dx, g),
};

export const cpu = reference;

function dropByWasm(from: number, to: number, { size, start, key, threshold, scale }: DropoutGeometry, wasm: WasmRuntime): void {
  wasm.parallel('dropoutMask', size, GRAIN, from, to, start, key, threshold, scale);
}

export const wasmCnn: Parts<WasmKernel<DropoutGeometry>> = {
  forward: ({ x }, { y }, g, wasm) => dropByWasm(x, y, g, wasm),
  dx: ({ dy }, { dx }, g, wasm) => dropByWasm(dy, dx, g, wasm),
};

/** The mask is made in JavaScript, so that it is the same everywhere. */
function masked(from: Tensor, g: DropoutGeometry): Tensor {
  const mask = new Float32Array(g.size);
  for (let i = 0; i < g.size; i++) mask[i] = maskAt(i, g);
  return mul(from, tensor(mask, g.shape));
}

export const portable: Parts<PortableKernel<DropoutGeometry>> = {
  forward: ({ x }, g) => masked(x, g),
  dx: ({ dy }, g) => masked(dy, g),
};
