import { type TensorInfo, tensor, type Variable } from '@tensorflow/tfjs-core';
import type { DataPlace, WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';

interface Binding {
  readonly tensor: TensorInfo;
  readonly dataId: object;
  readonly place: DataPlace;
  readonly pointer: number;
  /** Whether the step writes there. */
  readonly written: boolean;
}

/** Memory of tensors that live on between steps: variables above all. */
export class Bindings {
  private readonly bindings: Binding[] = [];

  constructor(private readonly backend: WasmCnnBackend) {}

  /** The address of a tensor's values from now on; of a variable that is written they become its own. */
  bind(tensorInfo: TensorInfo): number {
    return this.add(tensorInfo, false);
  }

  bindWritten(variable: Variable): number {
    makeSole(this.backend, variable);
    return this.add(variable, true);
  }

  /** Whether everything still stands where it stood, and nobody else sees what is written. */
  get intact(): boolean {
    for (const {
      tensor: { dataId },
      dataId: known,
      place,
      pointer,
      written,
    } of this.bindings) {
      if (dataId !== known || place.pointer !== pointer || (written && place.refCount !== 1)) return false;
    }
    return true;
  }

  /** Whether some tensor's data are no longer there. */
  get lost(): boolean {
    return this.bindings.some(({ tensor: { dataId } }) => !this.backend.data.has(dataId));
  }

  private add(info: TensorInfo, written: boolean): number {
    const place = this.backend.placeOf(info, 'a weight');
    const { pointer } = place;
    this.bindings.push({ tensor: info, dataId: info.dataId, place, pointer, written });
    return pointer;
  }
}

/** Gives a variable data of its own, where other tensors share them. */
export function makeSole(backend: WasmCnnBackend, variable: Variable): void {
  const { dataId, shape, dtype } = variable;
  if (backend.refCount(dataId) === 1) return;
  const own = tensor(backend.readSync(dataId) as Float32Array, shape, dtype as 'float32');
  variable.assign(own);
  own.dispose();
}
