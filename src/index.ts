import './backends/wasm-cnn/register.js';

export { customGradOf, type Op, type OpDefinition } from './define-op.js';
