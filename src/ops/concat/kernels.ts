import { concat, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { WasmRuntime } from '../../backends/wasm-runtime.js';
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
      for (const i of indices) moveToRange(inputs[`x${i}`]!, y!, g, i);
    },
    (i) =>
      ({ dy }, outputs, g) =>
        moveOfRange(dy!, outputs[`dx${i}`]!, g, i),
  );
  const wasmCnn = parts<WasmKernel<ConcatGeometry>>(
    (inputs, { y }, g, wasm) => {
      for (const i of indices) copyToRange(wasm, inputs[`x${i}`]!, y!, g, i);
    },
    (i) =>
      ({ dy }, outputs, g, wasm) =>
        copyOfRange(wasm, dy!, outputs[`dx${i}`]!, g, i),
  );
  const portable = parts<PortableKernel<ConcatGeometry>>(
    (inputs, g) =>
      concat(
        indices.map((i) => inputs[`x${i}`]!),
        g.outer.length,
      ),
    (i) =>
      ({ dy }, g) =>
        sliceOfRange(dy!, g, i),
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

/** Array i to its channels of all. */
export function moveToRange(x: Buffer, all: Buffer, { rows, channels, offsets, total }: ConcatGeometry, i: number): void {
  const width = channels[i]!;
  for (let row = 0, from = 0, to = offsets[i]!; row < rows; row++, from += width, to += total) {
    for (let c = 0; c < width; c++) all[to + c] = x[from + c]!;
  }
}

/** The channels of array i, of all. */
export function moveOfRange(all: Buffer, x: Buffer, { rows, channels, offsets, total }: ConcatGeometry, i: number): void {
  const width = channels[i]!;
  for (let row = 0, from = offsets[i]!, to = 0; row < rows; row++, from += total, to += width) {
    for (let c = 0; c < width; c++) x[to + c] = all[from + c]!;
  }
}

/** The same of pointers. */
export function copyToRange(wasm: WasmRuntime, x: number, all: number, g: ConcatGeometry, i: number): void {
  const width = g.channels[i]! * 4;
  wasm.parallel('concatRows', g.rows, grain(g), x, width, all + g.offsets[i]! * 4, g.total * 4, width);
}

/** The same of pointers. */
export function copyOfRange(wasm: WasmRuntime, all: number, x: number, g: ConcatGeometry, i: number): void {
  const width = g.channels[i]! * 4;
  wasm.parallel('concatRows', g.rows, grain(g), all + g.offsets[i]! * 4, g.total * 4, x, width, width);
}

/** The same of tensors. */
export function sliceOfRange(all: Tensor, g: ConcatGeometry, i: number): Tensor {
  return slice(all, [...g.outer.map(() => 0), g.offsets[i]!], [...g.outer, g.channels[i]!]);
}
