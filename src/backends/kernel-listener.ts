import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import type { ReadyOp } from './kernel-host.js';

/** A kernel of tfjs as it was called. */
export type KernelCall = Parameters<KernelConfig['kernelFunc']>[0];

/** Is told what runs on a backend: how a training step is recorded. */
export interface KernelListener {
  /** A part of an op has run. Outputs are in the order of their declaration; one may share the data of an input it replaces. */
  ran(op: ReadyOp<object>, part: string, inputs: Named<TensorInfo>, outputs: readonly TensorInfo[], geometry: object): void;
  /** Runs a kernel of tfjs's own, in JavaScript; what it does in between is its own affair. */
  runStock(kernel: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[];
  /** New data come from JavaScript. */
  wrote(dataId: object, values: ArrayLike<unknown>): void;
  /** Data go to JavaScript. */
  read(dataId: object): void;
}
