import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

/** An attribute of a TensorFlow op, as tfjs-node's addon takes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** An output of an op: its handle in the addon. */
interface Output {
  readonly id: number;
  readonly shape: number[];
}

/** Numbers as JavaScript keeps them. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** tfjs-node's addon, as far as kernels use it: TensorFlow's eager C API. */
export interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): Output[];
  /** Its numbers are JavaScript's own memory, where that is aligned. */
  createTensor(shape: readonly number[], dtype: number, values: Numbers): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
}

/** What tfjs-node's backend knows of a tensor. */
interface Entry {
  readonly shape: number[];
  readonly dtype: number;
  /** Its handle; -1 as long as the values wait in JavaScript. */
  id: number;
  values: Numbers | null;
  refCount: number;
}

/** tfjs's `tensorflow` backend. */
export interface NodeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: TensorInfo['dataId']): Entry; set(dataId: TensorInfo['dataId'], entry: Entry): void };
  incRef(dataId: TensorInfo['dataId']): void;
  /** Counts one owner less, or, by force, none. */
  disposeData(dataId: TensorInfo['dataId'], force?: boolean): boolean;
  /** The addon's number of a type. */
  getDTypeInteger(dtype: DataType): number;
}
