import type { TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';
import { Bindings } from './bindings.js';
import type { Layout } from './layout.js';
import type { Numbers, Value } from './recording.js';

/** Where everything that a plan works on stands. */
export class Addresses {
  /** Of the arena that plans share. */
  arena = 0;
  /** Of the plan's own memory: constants, then structs; 0 where it has none. */
  own = 0;
  private bindings: Bindings;
  private bound = new Map<Variable | TensorInfo, number>();

  constructor(
    private readonly backend: WasmCnnBackend,
    private readonly layout: Layout,
  ) {
    this.bindings = new Bindings(backend);
  }

  /** Whether variables and other tensors stand where they stood. */
  get intact(): boolean {
    return this.bindings.intact;
  }

  /** Whether one of them is gone. */
  get lost(): boolean {
    return this.layout.variables.some(({ isDisposed }) => isDisposed) || this.bindings.lost;
  }

  /** Finds variables and other tensors; returns those that stand elsewhere than before. */
  bind(): Set<Variable | TensorInfo> {
    const { homes, variables, assigned } = this.layout;
    const before = this.bound;
    this.bindings = new Bindings(this.backend);
    this.bound = new Map();
    for (const variable of variables) {
      this.bound.set(variable, assigned.has(variable) ? this.bindings.bindWritten(variable) : this.bindings.bind(variable));
    }
    for (const home of homes.values()) if (home.in === 'outside') this.bound.set(home.tensor, this.bindings.bind(home.tensor));
    return new Set([...this.bound].filter(([tensor, pointer]) => before.get(tensor) !== pointer).map(([tensor]) => tensor));
  }

  /** Own memory for the constants, which are written, and for structs behind them. @throws OutOfMemoryError */
  makeOwn(structBytes: number): void {
    const { runtime } = this.backend;
    const { homes, constantBytes } = this.layout;
    this.releaseOwn();
    this.own = runtime.allocate(constantBytes + structBytes, "a compiled training step's constants");
    for (const home of homes.values()) {
      if (home.in !== 'constants') continue;
      const { buffer, byteOffset, byteLength } = home.values;
      runtime.bytes(this.own + home.offset, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }

  releaseOwn(): void {
    if (this.own !== 0) this.backend.runtime.release(this.own);
    this.own = 0;
  }

  /** The variable or other tensor in whose memory a value stands, if it does. */
  ownerOf(value: Value): Variable | TensorInfo | undefined {
    const home = this.layout.homes.get(value)!;
    if (home.in === 'variable') return home.variable;
    return home.in === 'outside' ? home.tensor : undefined;
  }

  ofTensor(tensor: Variable | TensorInfo): number {
    return this.bound.get(tensor)!;
  }

  of(value: Value): number {
    const home = this.layout.homes.get(value)!;
    if (home.in === 'arena') return this.arena + home.buffer.offset;
    return home.in === 'constants' ? this.own + home.offset : this.ofTensor(this.ownerOf(value)!);
  }

  /** A view of a value; do not keep it. */
  numbers(value: Value): Numbers {
    const { runtime } = this.backend;
    const pointer = this.of(value);
    if (value.dtype === 'bool') return runtime.bytes(pointer, value.length);
    return value.dtype === 'int32' ? runtime.int32(pointer, value.length) : runtime.float32(pointer, value.length);
  }
}
