import { div, greater, mul, norm as normOf, onesLike, reshape, type Tensor, where } from '@tensorflow/tfjs-core';
import type { KernelSet, Named } from '../../../kernels.js';
import type { Floats } from '../penalized.js';
import type { MaxNormGeometry } from './max-norm.js';

const { sqrt } = Math;

/** Groups of four columns that one piece of parallel work takes. */
const GRAIN = 16;

function loop({ value }: Floats, { newValue }: Floats, { rows, columns, most }: MaxNormGeometry): void {
  for (let x = 0; x < columns; x++) {
    let sum = 0;
    for (let y = 0; y < rows; y++) sum += value![y * columns + x]! ** 2;
    const norm = sqrt(sum);
    const factor = norm > most ? most / norm : 1;
    for (let y = 0; y < rows; y++) newValue![y * columns + x] = factor * value![y * columns + x]!;
  }
}

export const kernels: KernelSet<MaxNormGeometry> = {
  reference: { forward: loop },
  cpu: { forward: loop },
  wasmCnn: {
    forward({ value }, { newValue }, { rows, columns, most }, wasm) {
      wasm.parallel('maxNorm', Math.ceil(columns / 4), GRAIN, value!, newValue!, rows, columns, most);
    },
  },
  portable: {
    forward(inputs, { shape, rows, columns, most }) {
      const { value } = inputs as Named<Tensor>;
      const flat = reshape(value!, [rows, columns]);
      const norm = normOf(flat, 'euclidean', 0);
      const factor = where(greater(norm, most), div(most, norm), onesLike(norm));
      return reshape(mul(flat, factor), shape);
    },
  },
};
