import { Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Named } from '../../kernels.js';
import type { JoinedCall } from '../kernel-host.js';
import type { NodeBackend, OpAttribute } from './binding.js';
import { handleOf } from './handles.js';

/** A tensor of TensorFlow inside of a kernel. */
export interface Value {
  /** Its handle in tfjs-node's addon. */
  readonly id: number;
  readonly shape: readonly number[];
  /** What tfjs knows it by, where it does. */
  dataId?: TensorInfo['dataId'];
}

/** Constants that are kept; learning rates that follow a schedule are many. */
const CONSTANTS = 1024;

const NO_ATTRIBUTES: readonly OpAttribute[] = [];

/**
 * How kernels launch work on tfjs's `tensorflow` backend: ops of TensorFlow by their names, on handles. tfjs's own way makes a tensor
 * of each result and of each number; here what lies between stays a handle, and numbers are made once: making one takes longer than a
 * small op.
 */
export class TensorflowRunner {
  private readonly backend: NodeBackend;
  private readonly constants = new Map<string, Value>();
  /** Results of the kernel that runs now. */
  private made: Value[] = [];

  /** Names of the native ops that kernels may run; the host says which. */
  native: readonly string[] = [];

  constructor(backend: object) {
    this.backend = backend as NodeBackend;
  }

  /** Whether ops run on a GPU. */
  get onGpu(): boolean {
    return this.backend.isUsingGpuDevice;
  }

  /** Whether a native op for CPUs does it: a GPU has kernels of its own, and an addon may be older than the op. */
  runsNatively(op: string): boolean {
    return !this.onGpu && this.native.includes(op);
  }

  /**
   * Runs a kernel: what it makes is let go, but for its outputs.
   * @returns undefined where the kernel gave up
   */
  compose(inputs: Named<TensorInfo>, kernel: (values: Named<Value>) => Value[] | undefined): TensorInfo[] | undefined {
    return this.scope(() => kernel(this.valuesOf(inputs)));
  }

  /** The same of many calls; what comes out is the kernel's to order. */
  composeJoined(calls: readonly JoinedCall[], kernel: (values: Named<Value>[]) => Value[]): TensorInfo[] {
    return this.scope(() => kernel(calls.map(({ inputs }) => this.valuesOf(inputs))))!;
  }

  private scope(kernel: () => Value[] | undefined): TensorInfo[] | undefined {
    if (this.constants.size > CONSTANTS) this.forgetConstants();
    this.made = [];
    try {
      return kernel()?.map((value) => this.output(value));
    } finally {
      for (const { id, dataId } of this.made) if (!dataId) this.backend.binding.deleteTensor(id);
      this.made = [];
    }
  }

  /** Lets a tensor go that nobody was given. */
  dispose(info: TensorInfo): void {
    // Those of portable compositions are known to tfjs's engine.
    if (info instanceof Tensor) info.dispose();
    else this.backend.disposeData(info.dataId);
  }

  /** The first output of a TensorFlow op. Types are found out by TensorFlow; attributes with defaults may be left out. */
  op(name: string, inputs: readonly Value[], attributes = NO_ATTRIBUTES): Value {
    return this.ops(name, inputs, 1, attributes)[0]!;
  }

  /** All outputs of a TensorFlow op. */
  ops(name: string, inputs: readonly Value[], outputs: number, attributes = NO_ATTRIBUTES): Value[] {
    const ids: number[] = [];
    for (const { id } of inputs) ids.push(id);
    const values: Value[] = this.backend.binding.executeOp(name, attributes, ids, outputs);
    for (const value of values) this.made.push(value);
    return values;
  }

  int(name: string, value: number | readonly number[]): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  float(name: string, value: number): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_FLOAT, value };
  }

  flag(name: string, value: boolean): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  text(name: string, value: string): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  /** An attribute that is a type: what a cast gives. */
  type(name: string, of: 'float32' | 'int32'): OpAttribute {
    const { binding } = this.backend;
    return { name, type: binding.TF_ATTR_TYPE, value: of === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT };
  }

  /** A float32 scalar. */
  number(value: number): Value {
    return this.filled([], value);
  }

  /** A float32 constant of equal elements. */
  filled(shape: readonly number[], value: number): Value {
    return this.constant(`${value}:${shape}`, () => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { id: this.create(shape, this.backend.binding.TF_FLOAT, new Float32Array(size).fill(value)), shape };
    });
  }

  /** Float32 numbers of the kernel that runs now, let go behind it. */
  numbers(shape: readonly number[], values: Float32Array): Value {
    const value = { id: this.create(shape, this.backend.binding.TF_FLOAT, values), shape };
    this.made.push(value);
    return value;
  }

  /** An int32 vector: sizes, axes. */
  ints(values: readonly number[]): Value {
    return this.table([values.length], values);
  }

  /** An int32 constant of any shape. */
  table(shape: readonly number[], values: readonly number[]): Value {
    return this.constant(`i${values}:${shape}`, () => {
      return { id: this.create(shape, this.backend.binding.TF_INT32, Int32Array.from(values)), shape };
    });
  }

  /** The same memory in another shape. */
  reshape(value: Value, shape: readonly number[]): Value {
    const same = shape.length === value.shape.length && shape.every((size, axis) => size === value.shape[axis]);
    return same ? value : this.op('Reshape', [value, this.ints(shape)]);
  }

  /** Of a scalar, its number. TensorFlow on a CPU has computed it by then; a GPU is waited for. */
  read(scalar: Value): number {
    return this.backend.binding.tensorDataSync(scalar.id)[0]!;
  }

  private create(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number {
    return this.backend.binding.createTensor(shape, dtype, values);
  }

  private constant(key: string, make: () => Value): Value {
    let value = this.constants.get(key);
    if (!value) {
      value = make();
      this.constants.set(key, value);
    }
    return value;
  }

  private forgetConstants(): void {
    for (const { id } of this.constants.values()) this.backend.binding.deleteTensor(id);
    this.constants.clear();
  }

  private valuesOf(inputs: Named<TensorInfo>): Named<Value> {
    const values: Named<Value> = {};
    for (const name in inputs) {
      const info = inputs[name];
      if (info) values[name] = { id: handleOf(this.backend, info), shape: info.shape, dataId: info.dataId };
    }
    return values;
  }

  private output(value: Value): TensorInfo {
    const shape = [...value.shape];
    if (value.dataId) {
      this.backend.incRef(value.dataId);
    } else {
      value.dataId = {};
      const dtype = this.backend.binding.TF_FLOAT;
      this.backend.tensorMap.set(value.dataId, { shape, dtype, id: value.id, values: null, refCount: 1 });
    }
    return { dataId: value.dataId, shape, dtype: 'float32' };
  }
}
