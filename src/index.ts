/** The public names, nothing else. */
import './standard/register.js';

export { customGradOf, type Op, type OpDefinition } from './define-op.js';
export { ArgumentError, GeometryError, type Pads, type Padding, type Pair, type WindowOptions } from './geometry.js';
export { OutOfMemoryError } from './backends/wasm-cnn/runtime.js';
export { WorkerError } from './backends/wasm-cnn/threads.js';
export { accelerate } from './standard/accelerate.js';
export * from './ops/index.js';
