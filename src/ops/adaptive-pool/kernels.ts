import type { KernelSet } from '../../kernels.js';
import { averageOver as averageOnCpu } from '../avg-pool/cpu.js';
import { averageOver as averageOnWasm } from '../avg-pool/wasm.js';
import { maxOver as maxOnCpu } from '../max-pool/cpu.js';
import { maxOver as maxOnWasm } from '../max-pool/wasm.js';
import { type AdaptivePoolGeometry, adaptiveAxes } from './geometry.js';
import { averagePortable, maxPortable } from './portable.js';
import { averageReference, maxReference } from './reference.js';

/** The loops of avgPool over adaptive bins. */
export const averageKernels: KernelSet<AdaptivePoolGeometry> = {
  reference: averageReference,
  cpu: averageOnCpu(adaptiveAxes),
  wasmCnn: averageOnWasm(adaptiveAxes),
  portable: averagePortable,
};

/** The loops of maxPool over adaptive bins. */
export const maxKernels: KernelSet<AdaptivePoolGeometry> = {
  reference: maxReference,
  cpu: maxOnCpu(adaptiveAxes),
  wasmCnn: maxOnWasm(adaptiveAxes),
  portable: maxPortable,
};
