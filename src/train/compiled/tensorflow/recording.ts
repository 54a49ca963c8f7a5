/** What a training step asks of TensorFlow, as a list of calls on values: each is written once. */
import type { DataType, Variable } from '@tensorflow/tfjs-core';
import type { Launch } from '../../../backends/launch-watcher.js';
import type { Numbers, OpAttribute } from '../../../backends/tensorflow/binding.js';
import type { Renewal } from '../recording.js';
import type { RecordedStep } from '../step-player.js';

/** A value, by its place among the origins. */
export type Value = number;

/** Where a value comes from. */
export type Origin =
  | { readonly from: 'call' }
  /** One of the step's inputs. */
  | { readonly from: 'input'; readonly index: number }
  /** What a variable holds when the step begins. */
  | { readonly from: 'variable'; readonly variable: Variable }
  /** Made by JavaScript in the step. */
  | { readonly from: 'constant'; readonly shape: readonly number[]; readonly type: number; readonly values: Numbers }
  /** Some other tensor, or number of the runner's, that was there before: its handle. */
  | { readonly from: 'outside'; readonly handle: number };

/** A value as tfjs sees it. */
export interface ShapedValue {
  readonly value: Value;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** An op of TensorFlow. */
export interface OpCall {
  readonly name: string;
  readonly options: readonly OpAttribute[];
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
}

/** A kernel of ours that runs at each step: its attributes are others each time, or it looks at numbers. */
export interface KernelCall extends Pick<Launch, 'name' | 'geometries' | 'attributes'> {
  readonly inputs: readonly (ShapedValue & { readonly name: string })[];
  /** Which renewals made the geometries; undefined for those that stay. */
  readonly renewals: readonly (number | undefined)[];
  readonly reads: readonly Value[];
  readonly writes: readonly Value[];
}

export type Call = OpCall | KernelCall;

/** A recorded step. */
export interface Recording extends RecordedStep {
  readonly origins: readonly Origin[];
  readonly calls: readonly Call[];
  readonly renewals: readonly Renewal[];
  readonly outputs: readonly ShapedValue[];
  /** Variables that hold another value afterwards. */
  readonly assigned: ReadonlyMap<Variable, Value>;
}
