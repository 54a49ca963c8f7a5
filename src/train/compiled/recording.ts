/** What a training step computes, as a list of kernel calls on values: each is written once. */
import type { DataType, KernelConfig, NamedAttrMap, TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../backends/kernel-host.js';
import type { Named } from '../../kernels.js';

/** Numbers as tfjs keeps them. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** Where a value comes from. */
export type Origin =
  | { readonly from: 'call' }
  /** One of the step's inputs. */
  | { readonly from: 'input'; readonly index: number }
  /** What a variable holds when the step begins. */
  | { readonly from: 'variable'; readonly variable: Variable }
  /** Made by JavaScript in the step. */
  | { readonly from: 'constant'; readonly values: Numbers }
  /** Some other tensor that was there before. */
  | { readonly from: 'outside'; readonly tensor: TensorInfo };

/** One tensor's data, which views of it share. */
export interface Value {
  /** In the order of first use. */
  readonly id: number;
  readonly origin: Origin;
  readonly dtype: DataType;
  readonly length: number;
  readonly bytes: number;
}

/** A part of an op that ran. */
export interface PartCall {
  readonly op: ReadyOp<object>;
  readonly part: string;
  /** Undefined: an optional input that was absent. */
  readonly reads: Named<Value | undefined>;
  readonly writes: Named<Value>;
  readonly geometry: object;
  /** Which renewal made the geometry, if one did. */
  readonly renewal?: number;
}

/** A value as a kernel of tfjs sees it. */
export interface ShapedValue {
  readonly value: Value;
  readonly shape: number[];
  readonly dtype: DataType;
}

/** A kernel of tfjs that ran in JavaScript. */
export interface StockCall {
  readonly kernel: KernelConfig;
  readonly inputs: Named<ShapedValue>;
  /** Whether tfjs hands the inputs over as a list. */
  readonly listed: boolean;
  readonly attrs: NamedAttrMap;
  readonly outputs: readonly ShapedValue[];
}

export type Call = PartCall | StockCall;

/** Attributes that are made anew at each step, or something that is done at each. */
export type Renewal = { readonly make: () => object } | { readonly effect: () => void };

/** A recorded step. */
export interface Recording {
  readonly calls: readonly Call[];
  readonly renewals: readonly Renewal[];
  readonly outputs: readonly ShapedValue[];
  /** Variables that hold another value afterwards. */
  readonly assigned: ReadonlyMap<Variable, Value>;
  /** Every variable that is read or assigned. */
  readonly variables: readonly Variable[];
  /** Why it cannot be played again; undefined where nothing speaks against it. */
  readonly complaint?: string;
}

/** Values that a call reads, each once. */
export function readsOf(call: Call): Value[] {
  const read = 'op' in call ? Object.values(call.reads) : Object.values(call.inputs).map(({ value }) => value);
  return [...new Set(read)].filter((value) => value !== undefined);
}

/** Values that a call makes. */
export function writesOf(call: Call): Value[] {
  return 'op' in call ? Object.values(call.writes) : call.outputs.map(({ value }) => value);
}
