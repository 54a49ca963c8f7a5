/** A step on TensorFlow that can be played again: ops by their names, on handles in slots. */
import { getKernel, type NamedAttrMap, Tensor, type TensorInfo, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../../../backends/tensorflow/binding.js';
import {
  handleOf,
  lentTensor,
  NONE,
  releasedHandle,
  sharedHandle,
  takeBack,
  tensorOf,
} from '../../../backends/tensorflow/handles.js';
import type { Renewal } from '../recording.js';
import { geometriesAnew, renewAll } from '../renewal-log.js';
import type { PlayableStep, StepInput } from '../step-player.js';
import { type Lives, livesOf, type PlannedCall } from './lives.js';
import type { KernelCall, Origin, Recording, ShapedValue, Value } from './recording.js';

export class Plan implements PlayableStep {
  private readonly calls: readonly PlannedCall[];
  private readonly takes: Lives['takes'];
  private readonly outputs: readonly ShapedValue[];
  private readonly renewals: readonly Renewal[];
  private readonly renewed: object[] = [];
  /** The handle of each value, while it is there. */
  private readonly handles: number[];
  private readonly inputs: readonly { readonly value: Value; readonly index: number }[];
  private readonly variables: readonly { readonly value: Value; readonly variable: Variable }[];
  private readonly assigned: readonly [Variable, Value][];
  /** Values whose handles are the plan's own, from one step to the next. */
  private readonly constants: readonly Value[];
  /** Values whose handles are the step's. */
  private readonly passing: readonly Value[];

  /** @param isSound whether variables are to change, once the step is through; it is given the first result */
  constructor(
    private readonly backend: NodeBackend,
    recording: Recording,
    private readonly isSound: (first: Float32Array) => boolean,
  ) {
    const { origins } = recording;
    const valuesFrom = (...kinds: Origin['from'][]) =>
      [...origins.keys()].filter((value) => kinds.includes(origins[value]!.from));
    ({ calls: this.calls, takes: this.takes } = livesOf(recording));
    this.outputs = recording.outputs;
    this.renewals = recording.renewals;
    this.assigned = [...recording.assigned];
    this.inputs = origins.flatMap((origin, value) => (origin.from === 'input' ? [{ value, index: origin.index }] : []));
    this.variables = origins.flatMap((origin, value) =>
      origin.from === 'variable' ? [{ value, variable: origin.variable }] : [],
    );
    this.constants = valuesFrom('constant', 'outside');
    this.passing = valuesFrom('call', 'input');
    this.handles = origins.map((origin) => this.constantOf(origin));
  }

  get lost(): boolean {
    return this.variables.some(({ variable }) => variable.isDisposed) || this.assigned.some(([variable]) => variable.isDisposed);
  }

  prepare(): void {}

  play(inputs: readonly StepInput[]): Tensor[] {
    const { backend, handles, outputs } = this;
    const { binding } = backend;
    renewAll(this.renewals, this.renewed);
    try {
      for (const { value, index } of this.inputs) {
        const { values, shape } = inputs[index]!;
        handles[value] = binding.createTensor(shape, binding.TF_FLOAT, values);
      }
      for (const { value, variable } of this.variables) handles[value] = handleOf(backend, variable);
      for (const call of this.calls) this.run(call);
      const sound = this.isSound(binding.tensorDataSync(handles[outputs[0]!.value]!));
      const results = outputs.map(({ value, shape, dtype }, i) => tensorOf(backend, this.take(value, i), shape, dtype));
      if (sound) this.assigned.forEach(([variable, value], i) => this.assign(variable, this.take(value, outputs.length + i)));
      return results;
    } finally {
      for (const value of this.passing) this.drop(value);
    }
  }

  dispose(): void {
    for (const value of this.constants) this.drop(value);
  }

  /** A handle of the plan's own, so that it stays. */
  private constantOf(origin: Origin): number {
    if (origin.from === 'constant') return this.backend.binding.createTensor(origin.shape, origin.type, origin.values);
    return origin.from === 'outside' ? sharedHandle(this.backend, origin.handle) : NONE;
  }

  private run(call: PlannedCall): void {
    const { handles } = this;
    if ('geometries' in call) this.launch(call);
    else {
      const { name, options, reads, writes } = call;
      const ids: number[] = [];
      for (const value of reads) ids.push(handles[value]!);
      const made = this.backend.binding.executeOp(name, options, ids, writes.length);
      for (let i = 0; i < writes.length; i++) handles[writes[i]!] = made[i]!.id;
    }
    for (const value of call.spent) this.drop(value);
  }

  /** A kernel of ours takes tensors; those that it is given have the handles on loan, and tfjs's engine knows nothing of them. */
  private launch(call: KernelCall): void {
    const { name, inputs, attributes, writes } = call;
    const { backend, handles } = this;
    const lent: Record<string, Tensor> = {};
    for (const { name: input, value, shape, dtype } of inputs) lent[input] = lentTensor(backend, handles[value]!, shape, dtype);
    const attrs = attributes(geometriesAnew(call, this.renewed));
    const { kernelFunc } = getKernel(name, 'tensorflow');
    let made: TensorInfo[] = [];
    tidy(() => {
      made = [kernelFunc({ inputs: lent, attrs: attrs as NamedAttrMap, backend })].flat();
      // Of many outputs the engine would look at every field.
      return made.filter((output) => output instanceof Tensor);
    });
    writes.forEach((value, i) => {
      handles[value] = releasedHandle(backend, made[i]!);
    });
    for (const input in lent) takeBack(backend, lent[input]!);
  }

  /** The handle of a value that outlives the step, for the taker of that number. */
  private take(value: Value, taker: number): number {
    const handle = this.handles[value]!;
    if (this.takes[taker] === 'copy') return sharedHandle(this.backend, handle);
    this.handles[value] = NONE;
    return handle;
  }

  private assign(variable: Variable, handle: number): void {
    const { backend } = this;
    const old = handleOf(backend, variable);
    const entry = backend.tensorMap.get(variable.dataId);
    if (entry.refCount === 1) {
      entry.id = handle;
      backend.binding.deleteTensor(old);
      return;
    }
    // Others see what it held.
    const value = tensorOf(backend, handle, variable.shape, variable.dtype);
    variable.assign(value);
    value.dispose();
  }

  private drop(value: Value): void {
    const handle = this.handles[value]!;
    if (handle === NONE) return;
    this.handles[value] = NONE;
    this.backend.binding.deleteTensor(handle);
  }
}
