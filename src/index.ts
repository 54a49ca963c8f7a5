/** The public names, nothing else. Importing it registers the backend 'wasm-cnn', ops, layers and nets. */
import './standard/register.js';

export { OutOfMemoryError } from './backends/wasm-cnn/runtime.js';
export { WorkerError } from './backends/wasm-cnn/threads.js';
export * from './classic/index.js';
export { customGradOf } from './define-op.js';
export {
  ArgumentError,
  GeometryError,
  type Padding,
  type Pads,
  type Pair,
  type WindowGeometry,
  type WindowOptions,
} from './geometry.js';
export * as initializers from './initializers/index.js';
export { formatProfile } from './inspect/profile/format.js';
export { type MaxBatchOptions, maxBatch } from './inspect/profile/max-batch.js';
export {
  type LayerProfile,
  type ModelProfile,
  type ParameterCount,
  type ProfileOptions,
  profile,
} from './inspect/profile/profile.js';
export type { ReceptiveField } from './inspect/profile/receptive-field.js';
export type { StepMemory } from './inspect/profile/step-memory.js';
export { type GradientReport, type Oracle, type ValidateOptions, validateGradients } from './inspect/validate-gradients.js';
export * as layers from './layers/index.js';
export * from './ops/index.js';
export { accelerate } from './standard/accelerate.js';
export type { Undo } from './standard/install.js';
export * from './train/index.js';
export * from './transfer/index.js';
export * from './weights/index.js';
export * from './zoo/index.js';
