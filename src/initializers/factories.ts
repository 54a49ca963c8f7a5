import type { FanOptions } from './fans.js';
import { RandomNormal, type RandomNormalOptions } from './random-normal.js';
import type { SeedOptions } from './seeded-initializer.js';
import { Sparse, type SparseOptions } from './sparse.js';
import { TorchDefault, type TorchDefaultOptions } from './torch-default.js';
import { VarianceScaling } from './variance-scaling.js';

/** Options of He's initializers. */
export interface HeOptions extends SeedOptions, FanOptions {
  /** 'fanIn' (default) keeps the variance of activations, 'fanOut' that of gradients. */
  mode?: 'fanIn' | 'fanOut';
  /** What the activation asks for; default sqrt 2, relu's. */
  gain?: number;
}

/** Options of Xavier Glorot's initializers. */
export interface XavierOptions extends SeedOptions, FanOptions {
  /** What the activation asks for; default 1, a linear one's; 5 / 3 for tanh. */
  gain?: number;
}

/** Options of inverseSqrt. */
export interface InverseSqrtOptions extends SeedOptions, Pick<FanOptions, 'fanIn'> {}

/**
 * Normal, deviation gain / sqrt(fan): He et al. (2015), PyTorch's kaiming_normal_. As a string in a layer, 'heNormal' is
 * what tfjs-layers has under that name: truncated at two deviations.
 */
export const heNormal = ({ gain = Math.SQRT2, ...options }: HeOptions = {}): VarianceScaling =>
  new VarianceScaling({ ...options, scale: gain ** 2 });
/** Uniform within gain * sqrt(3 / fan): He et al. (2015), PyTorch's kaiming_uniform_. */
export const heUniform = ({ gain = Math.SQRT2, ...options }: HeOptions = {}): VarianceScaling =>
  new VarianceScaling({ ...options, scale: gain ** 2, distribution: 'uniform' });
/** Normal, deviation gain * sqrt(2 / (fan in + fan out)): Glorot and Bengio (2010), PyTorch's xavier_normal_. */
export const xavierNormal = ({ gain = 1, ...options }: XavierOptions = {}): VarianceScaling =>
  new VarianceScaling({ ...options, scale: gain ** 2, mode: 'fanAverage' });
/** Uniform within gain * sqrt(6 / (fan in + fan out)): Glorot and Bengio (2010), PyTorch's xavier_uniform_. */
export const xavierUniform = ({ gain = 1, ...options }: XavierOptions = {}): VarianceScaling =>
  new VarianceScaling({ ...options, scale: gain ** 2, mode: 'fanAverage', distribution: 'uniform' });
/** Normal, deviation 1 / sqrt(fan in): the CS231n notes' "calibrating the variances". */
export const inverseSqrt = (options: InverseSqrtOptions = {}): VarianceScaling => new VarianceScaling(options);
/** Uniform within 1 / sqrt(fan in): see {@link TorchDefault}. */
export const torchDefault = (options: TorchDefaultOptions = {}): TorchDefault => new TorchDefault(options);
/** Normal, deviation 0.01: the CS231n notes' "small random numbers". */
export const smallRandom = (options: Omit<RandomNormalOptions, 'truncated'> = {}): RandomNormal => new RandomNormal(options);
/** Normal, values beyond two deviations drawn again; deviation 0.05 by default, as tfjs-layers has it. */
export const truncatedNormal = (options: Omit<RandomNormalOptions, 'truncated'> = {}): RandomNormal =>
  new RandomNormal({ deviation: 0.05, ...options, truncated: true });
/** A few random connections of each unit: see {@link Sparse}. */
export const sparse = (options: SparseOptions = {}): Sparse => new Sparse(options);
