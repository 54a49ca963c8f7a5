import { add } from '@tensorflow/tfjs-core';
import type { BufferKernel, Parts, PortableKernel, WasmKernel } from '../../kernels.js';
import { relu } from '../activation/portable.js';

/** What the kernels of addRelu know. */
export interface AddReluGeometry {
  readonly shape: number[];
  /** Number of elements. */
  readonly size: number;
  /** Applied to the sum. */
  readonly activation: 'relu';
}

type Buffer = Float32Array | Float64Array;

/** Elements a piece: three arrays of 64 KiB. */
const GRAIN = 16384;

/** One sum, rounded once: the same loops serve both number formats. */
export const reference: Parts<BufferKernel<Buffer, AddReluGeometry>> = {
  forward({ a, b }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const sum = a[i] + b[i];
      y[i] = sum < 0 ? 0 : sum;
    }
  },
};

export const cpu = reference;

export const wasmCnn: Parts<WasmKernel<AddReluGeometry>> = {
  forward({ a, b }, { y }, { size }, wasm) {
    wasm.parallel('addReluForward', size, GRAIN, a, b, y);
  },
};

export const portable: Parts<PortableKernel<AddReluGeometry>> = {
  forward: ({ a, b }) => relu(add(a, b)),
};
