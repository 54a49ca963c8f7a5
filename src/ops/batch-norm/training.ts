export { trainingCpu as cpu } from './cpu.js';
export { trainingPortable as portable } from './portable.js';
export { trainingReference as reference } from './reference.js';
export { trainingWasm as wasmCnn } from './wasm.js';
