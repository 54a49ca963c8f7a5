/** A step that can be played again: what is launched, and at which addresses. */
import { type Tensor, type TensorInfo, tensor, type Variable } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import type { Named } from '../../kernels.js';
import type { Arena } from './arena.js';
import { Bindings } from './bindings.js';
import { CountedSpace, GivenSpace, type Launch, LaunchRecorder, type Needs, TouchesMemory } from './launches.js';
import { type Layout, layOut } from './layout.js';
import { type Buffer, place } from './placement.js';
import type { Call, Numbers, PartCall, Recording, Renewal, ShapedValue, StockCall, Value } from './recording.js';

/** A tensor's numbers. */
export interface StepInput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A call whose driver has been taken down once: what it asks for. */
interface Measured {
  readonly scratch: Buffer;
  readonly structsAt: number;
}

export class Plan {
  private readonly layout: Layout;
  private readonly renewals: readonly Renewal[];
  private readonly renewed: object[] = [];
  private readonly measured = new Map<Call, Measured>();
  private arenaBytes = 0;
  private structBytes = 0;
  /** With how many it was measured. */
  private threads = 0;
  /** Address of its own memory: constants, then structs; 0 where it has none. */
  private own = 0;
  private arenaAt = 0;
  private bindings: Bindings;
  private variables = new Map<Variable, number>();
  private outside = new Map<TensorInfo, number>();
  private steps: (() => void)[] = [];
  private lent: object[] = [];

  constructor(
    private readonly backend: WasmCnnBackend,
    private readonly arena: Arena,
    recording: Recording,
  ) {
    this.layout = layOut(recording);
    this.renewals = recording.renewals;
    this.bindings = new Bindings(backend);
  }

  /** Whether a variable or a tensor it needs is gone: then the step has to be recorded again. */
  get lost(): boolean {
    if (this.bindings.intact) return false;
    return this.layout.variables.some(({ isDisposed }) => isDisposed) || this.bindings.lost;
  }

  /**
   * Makes the plan ready to be played.
   * @throws OutOfMemoryError
   */
  prepare(): void {
    const { threads } = this.backend.runtime;
    if (threads !== this.threads) this.measure();
    const arenaAt = this.arena.reserve(this.arenaBytes);
    if (this.steps.length === 0 || threads !== this.threads || arenaAt !== this.arenaAt || !this.bindings.intact) {
      this.threads = threads;
      this.arenaAt = arenaAt;
      this.link();
    }
  }

  /** Plays the step, once it is prepared. */
  play(inputs: readonly StepInput[]): Tensor[] {
    const { runtime } = this.backend;
    runtime.wakeThreads();
    this.renewals.forEach((renewal, i) => {
      if ('make' in renewal) this.renewed[i] = renewal.make();
      else renewal.effect();
    });
    for (const { index, value } of this.layout.inputs) {
      runtime.float32(this.pointerOf(value), value.length).set(inputs[index]!.values);
    }
    for (const step of this.steps) step();
    return this.layout.outputs.map(({ value, shape, dtype }) => tensor(this.numbers(value).slice(), shape, dtype as 'float32'));
  }

  /** Gives back everything but the arena. */
  dispose(): void {
    this.unlink();
    if (this.own !== 0) this.backend.runtime.release(this.own);
    this.own = 0;
  }

  /** Asks the drivers what memory they need, and finds a place for everything. */
  private measure(): void {
    const { calls, buffers, constantBytes } = this.layout;
    this.measured.clear();
    this.structBytes = 0;
    calls.forEach((call, i) => {
      const needs = needsOf(call, this.backend.runtime);
      if (!needs) return;
      const scratch = { bytes: needs.scratch, first: i, last: i, offset: 0 };
      this.measured.set(call, { scratch, structsAt: constantBytes + this.structBytes });
      this.structBytes += needs.structs;
    });
    const scratches = [...this.measured.values()].map(({ scratch }) => scratch).filter(({ bytes }) => bytes > 0);
    this.arenaBytes = place([...buffers, ...scratches]);
  }

  private unlink(): void {
    for (const dataId of this.lent) this.backend.disposeData(dataId, true);
    this.lent = [];
    this.steps = [];
  }

  /** Finds all addresses and takes down all launches. */
  private link(): void {
    const { backend, layout } = this;
    const { runtime } = backend;
    this.dispose();
    this.own = runtime.allocate(layout.constantBytes + this.structBytes, "a compiled training step's constants");
    this.bindings = new Bindings(backend);
    this.variables = new Map(
      layout.variables.map((variable) => [
        variable,
        layout.assigned.has(variable) ? this.bindings.bindWritten(variable) : this.bindings.bind(variable),
      ]),
    );
    for (const home of layout.homes.values()) {
      if (home.in === 'outside') this.outside.set(home.tensor, this.bindings.bind(home.tensor));
      if (home.in === 'constants') runtime.bytes(this.own + home.offset, home.values.byteLength).set(bytesOf(home.values));
    }
    const steps = layout.calls.flatMap((call) => ('op' in call ? this.partSteps(call) : [this.stockStep(call)]));
    for (const { value, to } of layout.copies) {
      const [from, target] = [this.pointerOf(value), this.variables.get(to)!];
      steps.push(() => runtime.copy(from, target, value.bytes));
    }
    this.steps = steps;
  }

  private partSteps(call: PartCall): (() => void)[] {
    const { runtime } = this.backend;
    const { op, part, geometry, renewal } = call;
    const driver = op.kernels.wasmCnn[part]!;
    const reads = mapped(call.reads, (value) => (value ? this.pointerOf(value) : 0));
    const writes = mapped(call.writes, (value) => this.pointerOf(value));
    const measured = this.measured.get(call);
    if (!measured) {
      return [
        () => {
          driver(reads, writes, renewal === undefined ? geometry : this.renewed[renewal]!, runtime);
          runtime.endKernel();
        },
      ];
    }
    const write = (pointer: number, fields: readonly number[]) => runtime.int32(pointer, fields.length).set(fields);
    const space = new GivenSpace(this.arenaAt + measured.scratch.offset, this.own + measured.structsAt, write);
    const recorder = new LaunchRecorder(runtime, space);
    driver(reads, writes, geometry, recorder);
    return recorder.launches.map((launch) => stepOf(launch, runtime));
  }

  /** tfjs's kernel runs on tensors that stand in the plan's memory; what it makes is copied there. */
  private stockStep({ kernel, inputs, listed, attrs, outputs }: StockCall): () => void {
    const { backend } = this;
    const lend = ({ value, shape, dtype }: ShapedValue): TensorInfo => {
      const dataId = backend.lend(this.pointerOf(value), value.length, dtype);
      this.lent.push(dataId);
      return { dataId, shape, dtype };
    };
    const named = mapped(inputs, lend);
    const given = (listed ? Object.values(named) : named) as Named<TensorInfo>;
    return () => {
      const made = [kernel.kernelFunc({ inputs: given, attrs, backend })].flat() as TensorInfo[];
      made.forEach(({ dataId }, i) => {
        this.numbers(outputs[i]!.value).set(backend.data.get(dataId).values as Numbers);
        backend.disposeData(dataId);
      });
    };
  }

  private pointerOf(value: Value): number {
    const home = this.layout.homes.get(value)!;
    if (home.in === 'arena') return this.arenaAt + home.buffer.offset;
    if (home.in === 'constants') return this.own + home.offset;
    return home.in === 'variable' ? this.variables.get(home.variable)! : this.outside.get(home.tensor)!;
  }

  private numbers(value: Value): Numbers {
    const { runtime } = this.backend;
    const pointer = this.pointerOf(value);
    if (value.dtype === 'bool') return runtime.bytes(pointer, value.length);
    return value.dtype === 'int32' ? runtime.int32(pointer, value.length) : runtime.float32(pointer, value.length);
  }
}

/** What a call's driver asks for; undefined where it has to run at each step. */
function needsOf(call: Call, runtime: WasmCnnBackend['runtime']): Needs | undefined {
  if (!('op' in call) || call.renewal !== undefined) return undefined;
  const space = new CountedSpace();
  const somewhere = mapped(call.reads, (value) => (value ? NOWHERE : 0));
  try {
    call.op.kernels.wasmCnn[call.part]!(
      somewhere,
      mapped(call.writes, () => NOWHERE),
      call.geometry,
      new LaunchRecorder(runtime, space),
    );
    return space.needs;
  } catch (error) {
    if (error instanceof TouchesMemory) return undefined;
    throw error;
  }
}

/** An address at which nothing is; 0 stands for what is absent. */
const NOWHERE = 64;

function stepOf(launch: Launch, runtime: WasmCnnBackend['runtime']): () => void {
  switch (launch.do) {
    case 'parallel': {
      const { name, count, grain, args } = launch;
      return () => runtime.parallel(name, count, grain, ...args);
    }
    case 'call': {
      const { name, args } = launch;
      return () => void runtime.call(name, ...args);
    }
    default: {
      const { pointer, bytes } = launch;
      return () => runtime.clear(pointer, bytes);
    }
  }
}

function mapped<A, B>(record: Named<A>, make: (one: A) => B): Named<B> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, make(one)]));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
