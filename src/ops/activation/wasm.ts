import type { Parts, WasmKernel } from '../../kernels.js';
import { activationCode, isGated } from './functions.js';
import type { ActivationGeometry } from './geometry.js';

/** Elements a piece: two or three arrays of 64 KiB. */
const GRAIN = 16384;

export const wasmCnn: Parts<WasmKernel<ActivationGeometry>> = {
  forward({ x }, { y }, { size, kind, alpha }, wasm) {
    wasm.parallel('activationForward', size, GRAIN, x, y, activationCode[kind], alpha);
  },

  dx({ dy, x, y }, { dx }, { size, kind, alpha }, wasm) {
    wasm.parallel('activationGradient', size, GRAIN, dy, isGated(kind) ? x : y, dx, activationCode[kind], alpha);
  },
};
