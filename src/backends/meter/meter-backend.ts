import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type backend_util, DataStorage, type DataType, engine, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { LinearBackend } from '../linear-memory.js';
import type { MeterRuntime } from './meter-runtime.js';

type Values = backend_util.BackendValues;

/** The sizes of one tensor. As on wasm-cnn it takes part of linear memory when a kernel of ours first asks for its address. */
class MeterStore {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  pointer = 0;

  constructor(
    private readonly runtime: MeterRuntime,
    readonly dtype: DataType,
    private readonly shape: readonly number[],
  ) {}

  /** Zeros, for tfjs's kernels that read: nothing is kept. */
  get values(): Values {
    return util.makeZerosTypedArray(util.sizeFromShape(this.shape as number[]), this.dtype as 'float32');
  }

  address(): number {
    this.pointer ||= this.runtime.allocate(util.sizeFromShape(this.shape as number[]) * util.bytesPerElement(this.dtype));
    return this.pointer;
  }

  free(): void {
    if (this.pointer) this.runtime.release(this.pointer);
    this.pointer = 0;
  }
}

/**
 * A backend that holds no values: what runs on it runs through tfjs's engine, tape and clean-up as on wasm-cnn,
 * and only sizes are counted. Tensors of other backends are counted when they are first used, and left where
 * they are.
 */
export class MeterBackend extends MathBackendCPU implements LinearBackend {
  private nextId = 0;
  /** Tensors of other backends. */
  private readonly foreign = new Set<object>();

  constructor(readonly runtime: MeterRuntime) {
    super();
    const adopt = (_: unknown, dataId: object) => this.adopt(dataId);
    this.data = new DataStorage(this, { moveData: adopt }) as typeof this.data;
  }

  override write(_values: Values, shape: number[], dtype: DataType): object {
    const dataId = { id: this.nextId++ };
    this.put(dataId, new MeterStore(this.runtime, dtype, shape));
    return dataId;
  }

  override move(): never {
    throw new Error('cnn-meter holds no values, none can be moved to it');
  }

  override readSync(dataId: object): Values {
    return this.store(dataId).values;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const store = this.store(dataId);
    const last = force || store.refCount <= 1;
    const gone = super.disposeData(dataId, force);
    if (last) store.free();
    return gone;
  }

  /** Who drops a reference to another backend's tensor drops it there, so there it is counted. */
  override incRef(dataId: object): void {
    const owner = engine().state.tensorInfo.get(dataId)?.backend ?? this;
    if (owner === this) super.incRef(dataId);
    else owner.incRef(dataId);
  }

  /** Tensors of its own: tfjs's test mode compares their number before and after each kernel. */
  override numDataIds(): number {
    return super.numDataIds() - this.foreign.size;
  }

  /** A tensor without values. */
  blank(shape: number[], dtype: DataType = 'float32'): Tensor {
    const tensor = engine().makeTensorFromTensorInfo({ dataId: this.blankData(shape, dtype), shape, dtype }, this);
    this.address(tensor);
    return tensor;
  }

  /** Data of a tensor without values. */
  blankData(shape: number[], dtype: DataType): object {
    return this.write(undefined as unknown as Values, shape, dtype);
  }

  /** What is held now is weights, and what an optimizer keeps. */
  settle(weights: readonly TensorInfo[]): void {
    const { runtime } = this;
    for (const pointer of runtime.tensors()) runtime.assign(pointer, 'optimizer');
    for (const { dataId } of weights) runtime.assign(this.store(dataId).address(), 'weights');
    // Constants that layers keep beside their weights.
    for (const dataId of this.foreign) runtime.assign(this.store(dataId).address(), 'weights');
    runtime.resetPeak();
  }

  address({ dataId }: TensorInfo): number {
    return this.store(dataId).address();
  }

  create(shape: number[]): { info: TensorInfo; pointer: number } {
    const dataId = this.blankData(shape, 'float32');
    return { info: { dataId, shape, dtype: 'float32' }, pointer: this.store(dataId).address() };
  }

  private adopt(dataId: object): void {
    const { shape, dtype } = engine().state.tensorInfo.get(dataId)!;
    this.foreign.add(dataId);
    this.put(dataId, new MeterStore(this.runtime, dtype, shape));
  }

  private put(dataId: object, store: MeterStore): void {
    this.data.set(dataId, store as never);
  }

  private store(dataId: object): MeterStore {
    return this.data.get(dataId) as unknown as MeterStore;
  }
}
