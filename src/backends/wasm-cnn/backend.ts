import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelListener } from '../kernel-listener.js';
import type { CnnRuntime } from './runtime.js';

type Values = backend_util.BackendValues;

/** Float32 values that nobody has asked for yet: how many, and what writes every one of them. */
interface Unmade {
  readonly length: number;
  readonly make: (values: Float32Array) => void;
}

/**
 * The data of one tensor. It stays the JavaScript array it came as until a kernel of ours asks for its
 * address; from then on it lives in linear memory, and `values` is a view made on demand (growing a
 * memory that is not shared detaches every view on it). It may begin unmade: its values are written when
 * first asked for, straight into linear memory where that is for an address.
 */
class TensorStore {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** 0 while the values are not in linear memory. */
  pointer = 0;
  private length = 0;
  private borrowed = false;
  private unmade?: Unmade;
  private waiting?: Set<Unmade>;

  constructor(
    private readonly runtime: CnnRuntime,
    readonly dtype: DataType,
    private array: Values | undefined,
  ) {}

  get values(): Values | undefined {
    if (this.unmade) {
      const { length, make } = this.unmade;
      const made = new Float32Array(length);
      make(made);
      this.settle();
      this.array = made;
    }
    if (!this.pointer) return this.array;
    if (this.dtype === 'float32') return this.runtime.float32(this.pointer, this.length);
    return this.dtype === 'int32' ? this.runtime.int32(this.pointer, this.length) : this.runtime.bytes(this.pointer, this.length);
  }

  set values(array: Values | undefined) {
    this.free();
    this.array = array;
  }

  /** Values to be made when first asked for; until then they are entered in `waiting`. */
  setUnmade(unmade: Unmade, waiting: Set<Unmade>): void {
    this.unmade = unmade;
    this.waiting = waiting.add(unmade);
  }

  /** Address in linear memory, moving the values there on first use. */
  address(what: string): number {
    if (this.unmade) {
      const { length, make } = this.unmade;
      make(this.runtime.float32(this.reserve(length, 4, what), length));
      this.settle();
    } else if (!this.pointer) {
      const from = this.array as Float32Array;
      this.reserve(from.length, from.BYTES_PER_ELEMENT, what);
      (this.values as Float32Array).set(from);
      this.array = undefined;
    }
    return this.pointer;
  }

  /** Memory for `length` elements, not cleared. */
  reserve(length: number, bytesPerElement: number, what: string): number {
    this.pointer = this.runtime.allocate(length * bytesPerElement, what);
    this.length = length;
    return this.pointer;
  }

  /** Stands in memory that is somebody else's. */
  borrow(pointer: number, length: number): this {
    this.pointer = pointer;
    this.length = length;
    this.borrowed = true;
    return this;
  }

  /** Values that stay what they are when the tensor's memory is used for something else. */
  copy(): Values | undefined {
    const values = this.values;
    return this.pointer ? (values as Float32Array).slice() : values;
  }

  free(): void {
    if (this.pointer && !this.borrowed) this.runtime.release(this.pointer);
    this.pointer = 0;
    this.array = undefined;
    this.settle();
  }

  /** Nothing is left to be made. */
  private settle(): void {
    if (this.unmade) this.waiting!.delete(this.unmade);
    this.unmade = undefined;
  }
}

/** Where a tensor's data stand now: changes with them. */
export interface DataPlace {
  /** Address in linear memory; 0 where they are not, or no longer, there. */
  readonly pointer: number;
  /** Tensors that share the data. */
  readonly refCount: number;
}

/** What `memory()` says; all in bytes. */
export interface HeapMemory {
  readonly unreliable: boolean;
  readonly reasons: string[];
  /** In linear memory, tensors and workspace, now. */
  readonly heapBytes: number;
  /** The part of them that kernels keep as workspace from one to the next. */
  readonly heapWorkspace: number;
  /** The most that was in use at one time, since the start or `resetHeapPeak`. */
  readonly heapPeak: number;
  /** Taken from the system, with the holes between blocks. It never shrinks. */
  readonly heapReserved: number;
  /** Of tensors that `numBytes` counts, but whose values nobody has asked for yet: they take no memory. */
  readonly unmadeBytes: number;
}

/**
 * tfjs's backend 'wasm-cnn': every kernel of tfjs's `cpu` runs on it unchanged, and the hot ones, which
 * training a CNN lives on, are WebAssembly on the same memory.
 */
export class WasmCnnBackend extends MathBackendCPU {
  private nextId = 0;
  private readonly unmade = new Set<Unmade>();
  /** Is told what runs. */
  listener: KernelListener | undefined;

  constructor(readonly runtime: CnnRuntime) {
    super();
  }

  override write(values: Values, _shape: number[], dtype: DataType): object {
    const dataId = { id: this.nextId++ };
    // tfjs's slice of neighbouring values is a view of its input's, which may be freed before it.
    const own = ArrayBuffer.isView(values) && this.runtime.holds(values) ? values.slice() : values;
    this.data.set(dataId, new TensorStore(this.runtime, dtype, own));
    this.listener?.wrote(dataId, own as ArrayLike<unknown>);
    return dataId;
  }

  /**
   * A float32 tensor's data that `make` writes when it is first asked for, all `length` values of it; never, if nobody asks.
   * For weights: those of a net that is only looked at, or whose weights are then loaded, cost neither time nor memory.
   */
  writeLazily(length: number, make: (values: Float32Array) => void): object {
    const dataId = { id: this.nextId++ };
    const store = new TensorStore(this.runtime, 'float32', undefined);
    store.setUnmade({ length, make }, this.unmade);
    this.data.set(dataId, store);
    return dataId;
  }

  override move(dataId: object, values: Values, _shape: number[], dtype: DataType, refCount: number): void {
    const store = new TensorStore(this.runtime, dtype, values);
    store.refCount = refCount;
    this.data.set(dataId, store);
  }

  override readSync(dataId: object): Values {
    this.listener?.read(dataId);
    const store = this.store(dataId);
    if (store.dtype === 'complex64') return super.readSync(dataId);
    return util.convertBackendValuesAndArrayBuffer(store.copy() as Values, store.dtype);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const store = this.store(dataId);
    const last = force || store.refCount <= 1;
    const gone = super.disposeData(dataId, force);
    if (last) store.free();
    return gone;
  }

  /** What `tf.memory()` adds on this backend. */
  override memory(): HeapMemory {
    const { used, peak, reserved, workspace } = this.runtime.heapState();
    let unmadeBytes = 0;
    for (const { length } of this.unmade) unmadeBytes += length * 4;
    return {
      unreliable: false,
      reasons: [],
      heapBytes: used,
      heapWorkspace: workspace,
      heapPeak: peak,
      heapReserved: reserved,
      unmadeBytes,
    };
  }

  /** Lets `heapPeak` begin again at what is in use now. */
  resetHeapPeak(): void {
    this.runtime.resetHeapPeak();
  }

  override dispose(): void {
    this.runtime.dispose();
  }

  /** Address of a tensor's values. `what` names the op, for the message at the limit of memory. */
  address(tensor: TensorInfo, what: string): number {
    return this.store(tensor.dataId).address(what);
  }

  /** A new float32 tensor in linear memory, not cleared. */
  create(shape: number[], what: string): { info: TensorInfo; pointer: number } {
    const dataId = { id: this.nextId++ };
    const store = new TensorStore(this.runtime, 'float32', undefined);
    const pointer = store.reserve(util.sizeFromShape(shape), 4, what);
    this.data.set(dataId, store);
    return { info: { dataId, shape, dtype: 'float32' }, pointer };
  }

  /** The values as they stand there now, not copied: for a kernel that looks at what it has made. */
  peek(dataId: object): Values | undefined {
    return this.store(dataId).values;
  }

  /** Moves values out of linear memory, until a kernel asks for their address again. */
  evacuate({ dataId }: TensorInfo): void {
    const store = this.store(dataId);
    store.values = store.copy();
  }

  /** Where a tensor's values stand, which are moved into linear memory where they are not yet there. */
  placeOf(tensor: TensorInfo, what: string): DataPlace {
    this.address(tensor, what);
    return this.store(tensor.dataId);
  }

  /** Data that stand in memory that is the caller's: a tensor of it must not outlive that memory. */
  lend(pointer: number, length: number, dtype: DataType): object {
    const dataId = { id: this.nextId++ };
    this.data.set(dataId, new TensorStore(this.runtime, dtype, undefined).borrow(pointer, length));
    return dataId;
  }

  private store(dataId: object): TensorStore {
    return this.data.get(dataId) as unknown as TensorStore;
  }
}
