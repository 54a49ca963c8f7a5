/**
 * How weights begin: fast, seeded, the same values on every backend and engine, made when first asked for. Each name is
 * also an option of the layers as a string, e.g. `kernelInitializer: 'xavierUniform'`.
 */
export * from './factories.js';
export type { FanOptions } from './fans.js';
export type { RandomBits } from './random-bits.js';
export { RandomNormal, type RandomNormalOptions } from './random-normal.js';
export { type Fill, SeededInitializer, type SeedOptions } from './seeded-initializer.js';
export { Sparse, type SparseOptions } from './sparse.js';
export { TorchDefault, type TorchDefaultOptions } from './torch-default.js';
export { VarianceScaling, type VarianceScalingOptions } from './variance-scaling.js';
