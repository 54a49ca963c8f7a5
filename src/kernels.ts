import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { JoinedCall } from './backends/kernel-host.js';
import type { WasmRuntime } from './backends/wasm-runtime.js';

/** Buffers by the names of the formula: x, filter, dy, ... An absent optional input is undefined, or 0 as a pointer. */
export type Named<Buffer> = Record<string, Buffer>;

/** A kernel reads its inputs and writes every element of its outputs. It knows neither tensors nor tape. */
export type BufferKernel<Buffer, Geometry> = (inputs: Named<Buffer>, outputs: Named<Buffer>, geometry: Geometry) => void;

/** A kernel over pointers into the memory of a WebAssembly runtime. */
export type WasmKernel<Geometry> = (inputs: Named<number>, outputs: Named<number>, geometry: Geometry, wasm: WasmRuntime) => void;

/** A composition of tfjs-core ops: runs on every backend, on the tape of none. */
export type PortableKernel<Geometry> = (inputs: Named<Tensor>, geometry: Geometry) => Tensor | Tensor[];

/** One function a part: 'forward' and the backward parts, by name. */
export type Parts<Kernel> = Record<string, Kernel>;

/** The kernels of an op, side by side. */
export interface KernelSet<Geometry> {
  /** The textbook's loops in float64: the oracle of all tests. */
  reference: Parts<BufferKernel<Float64Array, Geometry>>;
  /** Of the backend 'cpu'. */
  cpu: Parts<BufferKernel<Float32Array, Geometry>>;
  /** Of the backends 'wasm-cnn' and, after accelerate, 'wasm'. */
  wasmCnn: Parts<WasmKernel<Geometry>>;
  /** Of every other backend, for the parts it has no kernel of its own for. */
  portable: Parts<PortableKernel<Geometry>>;
}

/**
 * A kernel of a backend that makes tensors itself: it gives the outputs in the order of their declaration. `Runner` is how
 * that backend launches work.
 */
export type RunnerKernel<Geometry, Runner> = (inputs: Named<TensorInfo>, geometry: Geometry, runner: Runner) => TensorInfo[];

/** A kernel of such a backend for many calls of an op's forward part; it gives the outputs of each. */
export type JoinedKernel<Runner> = (calls: readonly JoinedCall[], runner: Runner) => TensorInfo[][];

/** The kernels of such a backend: parts by the name of their op. They come with the backend, not with the ops. */
export type KernelTable<Runner> = Record<string, Parts<RunnerKernel<never, Runner>>>;

/** Kernels of ops that there are many of, by what their names begin with; what follows tells which. Undefined of those it has none for. */
export type KernelFamilies<Runner> = Record<string, (rest: string) => Parts<RunnerKernel<never, Runner>> | undefined>;
