import {
  argMax,
  equal,
  expandDims,
  isNaN as isNotANumber,
  max,
  mul,
  onesLike,
  range,
  reshape,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { BufferKernel, Parts, PortableKernel, WasmKernel } from '../../kernels.js';

/** x as [outputs, pieces]: the pieces of an output lie side by side, whatever the shape. */
export interface MaxoutGeometry {
  readonly shape: readonly number[];
  readonly pieces: number;
  readonly outputs: number;
}

type Buffer = Float32Array | Float64Array;

const GRAIN = 8192;

/** Place of the first largest piece of an output; NaN is larger than any number. */
function largest(x: Buffer, output: number, pieces: number): number {
  const begin = output * pieces;
  let best = begin;
  for (let i = begin + 1; i < begin + pieces; i++) if (x[i]! > x[best]! || (x[i] !== x[i] && x[best] === x[best])) best = i;
  return best;
}

// A choice rounds nothing: one set of loops serves both number formats.
const loops: Parts<BufferKernel<Buffer, MaxoutGeometry>> = {
  forward({ x }, { y }, { pieces, outputs }) {
    for (let i = 0; i < outputs; i++) y![i] = x![largest(x!, i, pieces)]!;
  },
  dx({ dy, x }, { dx }, { pieces, outputs }) {
    dx!.fill(0);
    for (let i = 0; i < outputs; i++) dx![largest(x!, i, pieces)] = dy![i]!;
  },
};

export const reference = loops as Parts<BufferKernel<Float64Array, MaxoutGeometry>>;
export const cpu = loops as Parts<BufferKernel<Float32Array, MaxoutGeometry>>;

export const wasmCnn: Parts<WasmKernel<MaxoutGeometry>> = {
  forward: ({ x }, { y }, { pieces, outputs }, wasm) => wasm.parallel('maxoutForward', outputs, GRAIN, x!, y!, pieces),
  dx: ({ dy, x }, { dx }, { pieces, outputs }, wasm) => wasm.parallel('maxoutGradient', outputs, GRAIN, dy!, x!, dx!, pieces),
};

/** x as [outputs, pieces]. */
function rows(x: Tensor, { outputs, pieces }: MaxoutGeometry): Tensor {
  return reshape(x, [outputs, pieces]);
}

export const portable: Parts<PortableKernel<MaxoutGeometry>> = {
  forward: ({ x }, g) => reshape(max(rows(x!, g), 1), [...g.shape.slice(0, -1), g.shape.at(-1)! / g.pieces]),
  dx({ dy, x }, g) {
    const values = rows(x!, g);
    // argMax passes over NaN; infinity it finds.
    const found = where(isNotANumber(values), mul(onesLike(values), Infinity), values);
    const chosen = equal(expandDims(argMax(found, 1), 1), range(0, g.pieces, 1, 'int32'));
    const spread = mul(expandDims(reshape(dy!, [g.outputs]), 1), onesLike(values));
    return reshape(where(chosen, spread, zerosLike(values)), [...g.shape]);
  },
};
