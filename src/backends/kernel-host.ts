import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../kernels.js';

/** What goes into one part of an op and what comes out. */
export interface PartDeclaration<Geometry> {
  /** Names of the tensors it reads; an optional one may be absent. */
  readonly inputs: readonly string[];
  /** Its outputs by name, in order, each with its shape. */
  readonly outputs: Readonly<Record<string, (geometry: Geometry) => number[]>>;
  /**
   * Outputs that are a new value of an input, element by element, by that input's name: where no other tensor shares the
   * input's data, a backend may write over it. For parts whose caller gives the input up.
   */
  readonly updates?: Readonly<Record<string, string>>;
}

/** An op as a backend sees it: its parts, and the kernels for them. */
export interface ReadyOp<Geometry> {
  /** Name of the forward kernel, `Cnn...`. */
  readonly name: string;
  /** 'forward' and the backward parts, by name. */
  readonly parts: Record<string, PartDeclaration<Geometry>>;
  /** The kernels of every part. */
  readonly kernels: KernelSet<Geometry>;
}

/** One of several calls of an op's forward part that are run joined, in one kernel. */
export interface JoinedCall<T extends TensorInfo = TensorInfo> {
  readonly inputs: Named<T>;
  readonly geometry: object;
}

/** How one tfjs backend hands over memory and runs a kernel on it. */
export interface KernelHost {
  /** Name of the tfjs backend. */
  readonly backendName: string;
  /** Whether its products can be of half precision: they go by `productPrecision`. Default: not. */
  readonly halfProducts?: boolean;
  /**
   * Whether its kernels of updates take one more input, `open`: a scalar, where it is 0 they leave value and slots as they are. Default:
   * not, and a kernel of its own chooses between old and new.
   */
  readonly gatedUpdates?: boolean;
  /** Whether it has a kernel for that part; default: for every one. Parts it has none for are composed of tfjs ops. */
  has?(op: ReadyOp<object>, part: string): boolean;
  /** Runs one part on float32 tensors of that backend; returns its outputs in the order of their names. */
  run<Geometry extends object>(
    op: ReadyOp<Geometry>,
    part: string,
    inputs: Named<TensorInfo>,
    geometry: Geometry,
    backend: object,
  ): TensorInfo[];
  /** Whether it runs many calls of that op's forward part in one kernel; default: of none. */
  joins?(op: ReadyOp<object>): boolean;
  /** Runs them; returns the outputs of each call. */
  runJoined?(op: ReadyOp<object>, calls: readonly JoinedCall[], backend: object): TensorInfo[][];
}
