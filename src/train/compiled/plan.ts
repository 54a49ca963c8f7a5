/** A step that can be played again: what is launched, and at which addresses. */
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import { OutOfMemoryError } from '../../backends/wasm-cnn/runtime.js';
import { Addresses } from './addresses.js';
import type { Arena } from './arena.js';
import { type Layout, layOut } from './layout.js';
import { type LinkedCall, linkPart, linkStock, needsOf } from './linked-call.js';
import { type Buffer, place } from './placement.js';
import { type Call, type Recording, type Renewal, readsOf, writesOf } from './recording.js';
import { renewAll } from './renewal-log.js';
import type { PlayableStep, StepInput } from './step-player.js';

/** What a call's driver asked for, where it need not run at each step. */
interface Measured {
  readonly scratch: Buffer;
  /** From the beginning of the plan's own memory. */
  readonly structs: number;
}

export class Plan implements PlayableStep {
  private readonly layout: Layout;
  private readonly renewals: readonly Renewal[];
  private readonly renewed: object[] = [];
  private readonly addresses: Addresses;
  private measured: (Measured | undefined)[] = [];
  private arenaBytes = 0;
  private structBytes = 0;
  /** With how many it was measured. */
  private threads = 0;
  private linked: LinkedCall[] = [];
  private steps: (() => void)[] = [];
  /** How many of them it takes until the first result is there. */
  private judgedAfter = 0;
  /** What is done when the results are out: they may be what a variable held before. */
  private copies: (() => void)[] = [];

  constructor(
    private readonly backend: WasmCnnBackend,
    private readonly arena: Arena,
    recording: Recording,
    private readonly isSound: (first: Float32Array) => boolean,
  ) {
    this.layout = layOut(recording);
    this.renewals = recording.renewals;
    this.addresses = new Addresses(backend, this.layout);
  }

  get lost(): boolean {
    return !this.addresses.intact && this.addresses.lost;
  }

  prepare(): void {
    try {
      this.makeReady();
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      // Eager steps leave weights scattered over the memory; without them it may be in one piece.
      for (const variable of this.layout.variables) if (!variable.isDisposed) this.backend.evacuate(variable);
      this.makeReady();
    }
  }

  private makeReady(): void {
    const { addresses } = this;
    const { threads } = this.backend.runtime;
    if (threads !== this.threads) this.measure(threads);
    const arena = this.arena.reserve(this.arenaBytes);
    try {
      if (this.linked.length === 0 || arena !== addresses.arena) {
        addresses.arena = arena;
        this.linkAll();
      } else if (!addresses.intact) this.linkMoved();
    } catch (error) {
      this.unlink();
      throw error;
    }
  }

  play(inputs: readonly StepInput[]): Tensor[] {
    const { addresses, layout, renewals, renewed } = this;
    this.backend.runtime.wakeThreads();
    renewAll(renewals, renewed);
    for (const { index, value } of layout.inputs) addresses.numbers(value).set(inputs[index]!.values);
    const { steps, judgedAfter } = this;
    for (let i = 0; i < judgedAfter; i++) steps[i]!();
    const sound = this.isSound(addresses.numbers(layout.outputs[0]!.value) as Float32Array);
    if (sound) for (let i = judgedAfter; i < steps.length; i++) steps[i]!();
    const outputs = layout.outputs.map(({ value, shape, dtype }) => {
      return tensor(addresses.numbers(value).slice(), shape, dtype as 'float32');
    });
    if (sound) for (const copy of this.copies) copy();
    return outputs;
  }

  dispose(): void {
    this.unlink();
    this.addresses.releaseOwn();
  }

  /** Asks the drivers what memory they need, and finds a place for everything. */
  private measure(threads: number): void {
    const { calls, buffers, constantBytes } = this.layout;
    this.unlink();
    this.structBytes = 0;
    this.measured = calls.map((call, i) => {
      const needs = needsOf(call, this.backend.runtime);
      if (!needs) return undefined;
      const structs = constantBytes + this.structBytes;
      this.structBytes += needs.structs;
      return { scratch: { bytes: needs.scratch, first: i, last: i, offset: 0 }, structs };
    });
    const scratches = this.measured.flatMap((one) => (one && one.scratch.bytes > 0 ? [one.scratch] : []));
    this.arenaBytes = place([...buffers, ...scratches]);
    this.threads = threads;
  }

  private unlink(): void {
    for (const call of this.linked) call.dispose?.();
    this.linked = [];
    this.steps = [];
    this.copies = [];
  }

  private linkAll(): void {
    const { addresses, layout } = this;
    this.unlink();
    addresses.makeOwn(this.structBytes);
    addresses.bind();
    this.linked = layout.calls.map((call, i) => this.link(call, i));
    this.gather();
  }

  /** Variables were given other data: by an eager step, or by whoever sets weights. */
  private linkMoved(): void {
    const { addresses, linked } = this;
    const moved = addresses.bind();
    const touches = (call: Call) =>
      [...readsOf(call), ...writesOf(call)].some((value) => {
        const owner = addresses.ownerOf(value);
        return owner !== undefined && moved.has(owner);
      });
    this.layout.calls.forEach((call, i) => {
      if (!touches(call)) return;
      linked[i]!.dispose?.();
      linked[i] = this.link(call, i);
    });
    this.gather();
  }

  private link(call: Call, i: number): LinkedCall {
    const { backend, addresses, renewed } = this;
    if (!('op' in call)) return linkStock(call, backend, addresses);
    const measured = this.measured[i];
    const space = measured && {
      scratch: addresses.arena + measured.scratch.offset,
      structs: addresses.own + measured.structs,
    };
    return linkPart(call, backend, addresses, space, renewed);
  }

  /** Everything in order. */
  private gather(): void {
    const { addresses } = this;
    const { runtime } = this.backend;
    this.copies = this.layout.copies.map(({ value, to }) => {
      const [from, target] = [addresses.of(value), addresses.ofTensor(to)];
      return () => runtime.copy(from, target, value.bytes);
    });
    this.steps = this.linked.flatMap(({ steps }) => steps);
    const first = this.layout.outputs[0]!.value;
    const judged = this.layout.calls.findIndex((call) => writesOf(call).includes(first));
    this.judgedAfter = this.linked.slice(0, judged + 1).reduce((sum, { steps }) => sum + steps.length, 0);
  }
}
