import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import type { Named } from '../kernels.js';

/** Inputs and attributes as tfjs hands them to a kernel. */
export interface Call<Attrs = NamedAttrMap> {
  inputs: Named<TensorInfo>;
  attrs: Attrs;
}

/** One of tfjs's standard kernels, done by a kernel of ours. */
export interface StandardKernel {
  /** tfjs's name of it. */
  readonly kernelName: string;
  /** The call as one of ours, ready to run; undefined where the backend's own kernel has to do it. */
  plan?(call: Call): Plan | undefined;
  /** The output, where it takes no kernel. */
  share?(call: Call, backend: object): TensorInfo;
  /** The call put together of simpler kernels, where the backend's own refuses it too. */
  compose?(call: Call): TensorInfo | undefined;
  /** Whether tfjs means something else where ours gave this output, so that the backend's own kernel has to do it after all. */
  differs?(output: Float32Array): boolean;
}

/** A part of one of our ops, and what it is called with. */
export interface Plan {
  op: ReadyOp<object>;
  part: string;
  inputs: Named<TensorInfo>;
  geometry: object;
}

/** Whether all of these are float32: nothing else goes through kernels of ours. */
export function allFloat(inputs: Named<TensorInfo | undefined>): boolean {
  for (const name in inputs) {
    const tensor = inputs[name];
    if (tensor && tensor.dtype !== 'float32') return false;
  }
  return true;
}
