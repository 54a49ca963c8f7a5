import { greater, type Tensor, where } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import type { Floats } from '../penalized.js';
import type { GateGeometry } from './gate.js';

function choice({ value, before, open }: Floats, { kept }: Floats): void {
  kept!.set(open![0] ? value! : before!);
}

export const kernels: KernelSet<GateGeometry> = {
  reference: { forward: choice },
  cpu: { forward: choice },
  wasmCnn: {
    forward({ value, before, open }, { kept }, { size }, wasm) {
      const from = wasm.float32(open!, 1)[0] ? value! : before!;
      if (from !== kept) wasm.float32(kept!, size).set(wasm.float32(from, size));
    },
  },
  portable: {
    forward(inputs) {
      const { value, before, open } = inputs as Named<Tensor>;
      return where(greater(open!, 0), value!, before!);
    },
  },
};
