/** Which memory each value of a recorded step stands in. */
import type { TensorInfo, Variable } from '@tensorflow/tfjs-core';
import { lastingValues, ordered, replacedBy } from './order.js';
import { aligned, type Buffer } from './placement.js';
import { type Call, type Numbers, type Recording, readsOf, type ShapedValue, type Value } from './recording.js';

/** A value's memory: part of the arena, a variable's own, that of another tensor, or of the plan's constants. */
export type Home =
  | { readonly in: 'arena'; readonly buffer: Buffer }
  | { readonly in: 'variable'; readonly variable: Variable }
  | { readonly in: 'outside'; readonly tensor: TensorInfo }
  | { readonly in: 'constants'; readonly offset: number; readonly values: Numbers };

/** A recorded step with its memory planned, all but the places in the arena. */
export interface Layout {
  readonly calls: readonly Call[];
  readonly homes: ReadonlyMap<Value, Home>;
  readonly buffers: readonly Buffer[];
  readonly constantBytes: number;
  /** What is copied at the end, since it could not be made where it belongs. */
  readonly copies: readonly { readonly value: Value; readonly to: Variable }[];
  readonly inputs: readonly { readonly index: number; readonly value: Value }[];
  readonly outputs: readonly ShapedValue[];
  /** Those whose memory is written. */
  readonly assigned: ReadonlySet<Variable>;
  readonly variables: readonly Variable[];
}

/** Plans the memory of a step. */
export function layOut(recording: Recording): Layout {
  return new LayingOut(recording).layout();
}

class LayingOut {
  private readonly calls: readonly Call[];
  private readonly homes = new Map<Value, Home>();
  private readonly buffers: Buffer[] = [];
  /** Number of the last call that reads a value; behind all calls for what is there when the step is over. */
  private readonly lastUse = new Map<Value, number>();
  private constantBytes = 0;

  constructor(private readonly recording: Recording) {
    this.calls = ordered(recording);
    this.calls.forEach((call, i) => {
      for (const value of readsOf(call)) this.lastUse.set(value, i);
    });
    for (const value of lastingValues(recording)) this.lastUse.set(value, this.calls.length);
  }

  layout(): Layout {
    const { recording, calls, homes, buffers } = this;
    const { outputs, assigned, variables } = recording;
    const ownPlace = this.madeInPlace();
    this.calls.forEach((call, i) => {
      for (const value of readsOf(call)) this.settle(value);
      if ('op' in call) {
        for (const [name, value] of Object.entries(call.writes)) this.settleMade(value, i, ownPlace.get(value), call, name);
      } else {
        for (const { value } of call.outputs) this.settleMade(value, i, ownPlace.get(value));
      }
    });
    for (const value of lastingValues(recording)) this.settle(value);
    const copies = [...assigned].filter(([to, value]) => ownPlace.get(value) !== to).map(([to, value]) => ({ to, value }));
    const inputs = [...homes.keys()].flatMap((value) =>
      value.origin.from === 'input' ? [{ value, index: value.origin.index }] : [],
    );
    const written = new Set(assigned.keys());
    const { constantBytes } = this;
    return { calls, homes, buffers, constantBytes, copies, inputs, outputs, assigned: written, variables };
  }

  /** Values that can be made where their variable stands: whoever reads what it holds before has run, or makes them of it. */
  private madeInPlace(): Map<Value, Variable> {
    const madeAt = new Map<Value, { call: Call; output: string; i: number }>();
    const before = new Map<Variable, Value>();
    this.calls.forEach((call, i) => {
      if ('op' in call) for (const [output, value] of Object.entries(call.writes)) madeAt.set(value, { call, output, i });
      for (const value of readsOf(call)) if (value.origin.from === 'variable') before.set(value.origin.variable, value);
    });
    for (const value of lastingValues(this.recording)) {
      if (value.origin.from === 'variable') before.set(value.origin.variable, value);
    }
    const places = new Map<Value, Variable>();
    for (const [variable, value] of this.recording.assigned) {
      const made = madeAt.get(value);
      if (!made || places.has(value)) continue;
      const old = before.get(variable);
      const free = old ? (this.lastUse.get(old) ?? -1) : -1;
      if (free < made.i || (free === made.i && replacedBy(made.call, made.output) === old)) places.set(value, variable);
    }
    return places;
  }

  /** The home of a value that was there before. */
  private settle(value: Value): void {
    if (this.homes.has(value)) return;
    const { origin } = value;
    if (origin.from === 'variable') this.homes.set(value, { in: 'variable', variable: origin.variable });
    else if (origin.from === 'outside') this.homes.set(value, { in: 'outside', tensor: origin.tensor });
    else if (origin.from === 'constant') {
      this.homes.set(value, { in: 'constants', offset: this.constantBytes, values: origin.values });
      this.constantBytes += aligned(value.bytes);
    } else this.newBuffer(value, -1);
  }

  private settleMade(value: Value, at: number, variable: Variable | undefined, call?: Call, output = ''): void {
    const replaced = call && replacedBy(call, output);
    const old = replaced && this.homes.get(replaced);
    if (variable) this.homes.set(value, { in: 'variable', variable });
    else if (replaced && old?.in === 'arena' && this.lastUse.get(replaced) === at) {
      old.buffer.last = Math.max(at, this.lastUse.get(value) ?? at);
      this.homes.set(value, old);
    } else this.newBuffer(value, at);
  }

  private newBuffer(value: Value, first: number): void {
    const buffer = { bytes: value.bytes, first, last: Math.max(first, this.lastUse.get(value) ?? first), offset: 0 };
    this.buffers.push(buffer);
    this.homes.set(value, { in: 'arena', buffer });
  }
}
