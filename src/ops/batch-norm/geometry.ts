import type { Tensor } from '@tensorflow/tfjs-core';
import { ArgumentError, GeometryError } from '../../geometry.js';
import { checkFloat32 } from '../input.js';

/** What may follow the normalisation in the same kernel. */
export type BatchNormActivation = 'linear' | 'relu';

/** What the kernels of batch normalisation know: x as [rows, channels]. */
export interface BatchNormGeometry {
  readonly shape: number[];
  /** Numbers a channel: batch, or batch * height * width. */
  readonly rows: number;
  readonly channels: number;
  readonly epsilon: number;
  /** Weight of the batch in the new running statistics; inference does not read it. */
  readonly momentum: number;
  /** Does the running variance take the batch's unbiased one? */
  readonly unbiased: boolean;
  readonly activation: BatchNormActivation;
}

/** Vectors [channels] by name, absent ones undefined. */
type Vectors = Record<string, Tensor | undefined>;

/** @throws ArgumentError, GeometryError naming the argument that does not fit */
export function batchNormGeometry(
  x: Tensor,
  vectors: Vectors,
  {
    epsilon,
    momentum,
    activation,
    unbiased = true,
  }: Pick<BatchNormGeometry, 'epsilon' | 'momentum' | 'activation'> & Partial<Pick<BatchNormGeometry, 'unbiased'>>,
): Readonly<BatchNormGeometry> {
  checkFloat32('batchNorm', 'x', x);
  if (x.rank !== 2 && x.rank !== 4) {
    throw new GeometryError(
      `batchNorm: x must have rank 2 [batch, channels] or 4 [batch, height, width, channels], got [${x.shape}]`,
    );
  }
  const channels = x.shape[x.rank - 1]!;
  if (x.size === 0) throw new GeometryError(`batchNorm: x must not be empty, got [${x.shape}]`);
  for (const [name, vector] of Object.entries(vectors)) {
    if (vector === undefined) continue;
    checkFloat32('batchNorm', name, vector);
    if (vector.rank !== 1 || vector.shape[0] !== channels) {
      throw new GeometryError(
        `batchNorm: ${name} must have shape [${channels}], one number a channel of x, got [${vector.shape}]`,
      );
    }
  }
  if (!(epsilon >= 0)) throw new ArgumentError(`batchNorm: epsilon must be >= 0, got ${epsilon}`);
  if (!(momentum >= 0 && momentum <= 1)) throw new ArgumentError(`batchNorm: momentum must be in [0, 1], got ${momentum}`);
  if (activation !== 'linear' && activation !== 'relu') {
    throw new ArgumentError(
      `batchNorm: activation must be 'linear' or 'relu', got '${activation}'; apply any other to the result`,
    );
  }
  return Object.freeze({ shape: [...x.shape], rows: x.size / channels, channels, epsilon, momentum, unbiased, activation });
}

/** Factor from the batch's biased variance to what the running one takes: n / (n - 1), or 1. */
export function unbiasing({ rows, unbiased }: BatchNormGeometry): number {
  return unbiased ? rows / Math.max(1, rows - 1) : 1;
}
