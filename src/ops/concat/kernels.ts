import { concat, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { BufferKernel, KernelSet, Parts, PortableKernel, WasmKernel } from '../../kernels.js';
import type { ConcatGeometry } from './geometry.js';

type Buffer = Float32Array | Float64Array;

/** Elements a piece. */
const GRAIN = 32768;

/** The kernels for `count` tensors: the forward pass and one backward part for each of them. */
export function concatKernels(count: number): KernelSet<ConcatGeometry> {
  const indices = Array.from({ length: count }, (_, i) => i);
  const parts = <Kernel>(forward: Kernel, dx: (i: number) => Kernel): Parts<Kernel> =>
    Object.fromEntries([['forward', forward], ...indices.map((i) => [`dx${i}`, dx(i)] as const)]);

  // A copy is a copy: the reference's loops serve both number formats.
  const loops = parts<BufferKernel<Buffer, ConcatGeometry>>(
    (inputs, { y }, g) => {
      for (const i of indices) move(inputs[`x${i}`]!, 0, g.channels[i]!, y!, g.offsets[i]!, g.total, g.rows, g.channels[i]!);
    },
    (i) =>
      ({ dy }, outputs, g) =>
        move(dy!, g.offsets[i]!, g.total, outputs[`dx${i}`]!, 0, g.channels[i]!, g.rows, g.channels[i]!),
  );
  const wasmCnn = parts<WasmKernel<ConcatGeometry>>(
    (inputs, { y }, g, wasm) => {
      for (const i of indices) {
        const width = g.channels[i]! * 4;
        wasm.parallel('concatRows', g.rows, grain(g), inputs[`x${i}`]!, width, y! + g.offsets[i]! * 4, g.total * 4, width);
      }
    },
    (i) =>
      ({ dy }, outputs, g, wasm) => {
        const width = g.channels[i]! * 4;
        wasm.parallel('concatRows', g.rows, grain(g), dy! + g.offsets[i]! * 4, g.total * 4, outputs[`dx${i}`]!, width, width);
      },
  );
  const portable = parts<PortableKernel<ConcatGeometry>>(
    (inputs, g) =>
      concat(
        indices.map((i) => inputs[`x${i}`]!),
        g.outer.length,
      ),
    (i) =>
      ({ dy }, g) =>
        slice(dy as Tensor, [...g.outer.map(() => 0), g.offsets[i]!], [...g.outer, g.channels[i]!]),
  );
  return {
    reference: loops as KernelSet<ConcatGeometry>['reference'],
    cpu: loops as KernelSet<ConcatGeometry>['cpu'],
    wasmCnn,
    portable,
  };
}

function grain({ total }: ConcatGeometry): number {
  return Math.max(1, Math.floor(GRAIN / total));
}

/** Copies `width` elements of each row, from column `fromColumn` to column `toColumn`. */
function move(
  from: Buffer,
  fromColumn: number,
  fromStep: number,
  to: Buffer,
  toColumn: number,
  toStep: number,
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const source = row * fromStep + fromColumn;
    const target = row * toStep + toColumn;
    for (let i = 0; i < width; i++) to[target + i] = from[source + i]!;
  }
}
