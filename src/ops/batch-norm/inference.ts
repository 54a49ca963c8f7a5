export { inferenceCpu as cpu } from './cpu.js';
export { inferencePortable as portable } from './portable.js';
export { inferenceReference as reference } from './reference.js';
export { inferenceWasm as wasmCnn } from './wasm.js';
