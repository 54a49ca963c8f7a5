/** What weights need of Node: files that are written. */

export * from './index.js';
export { type SaveWeightsOptions, saveWeights } from './save-weights-node.js';
