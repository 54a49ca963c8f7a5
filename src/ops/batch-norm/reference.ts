import type { BufferKernel, Parts } from '../../kernels.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';

type Kernels = Parts<BufferKernel<Float64Array, BatchNormGeometry>>;
type Buffers = Parameters<Kernels[string]>[0];

/** y before and after the activation. */
function normalised({ x, gamma, beta, mean, variance }: Buffers, { channels, epsilon }: BatchNormGeometry, i: number): number {
  const c = i % channels;
  return ((gamma ? gamma[c] : 1) * (x[i] - mean[c])) / Math.sqrt(variance[c] + epsilon) + (beta ? beta[c] : 0);
}

function forward(inputs: Buffers, y: Float64Array, g: BatchNormGeometry): void {
  for (let i = 0; i < y.length; i++) {
    const z = normalised(inputs, g, i);
    y[i] = g.activation === 'relu' && z < 0 ? 0 : z;
  }
}

/** dy before the activation. */
function unfused(inputs: Buffers, g: BatchNormGeometry): Float64Array {
  return inputs.dy.map((dy, i) => (g.activation === 'relu' && normalised(inputs, g, i) <= 0 ? 0 : dy));
}

/** Sum over the rows of value(i), per channel. */
function channelSums(out: Float64Array, { rows, channels }: BatchNormGeometry, value: (i: number, c: number) => number): void {
  out.fill(0);
  for (let r = 0; r < rows; r++) for (let c = 0; c < channels; c++) out[c] += value(r * channels + c, c);
}

function gammaGradient(inputs: Buffers, dgamma: Float64Array, g: BatchNormGeometry): void {
  const dz = unfused(inputs, g);
  const { x, mean, variance } = inputs;
  channelSums(dgamma, g, (i, c) => (dz[i] * (x[i] - mean[c])) / Math.sqrt(variance[c] + g.epsilon));
}

function betaGradient(inputs: Buffers, dbeta: Float64Array, g: BatchNormGeometry): void {
  const dz = unfused(inputs, g);
  channelSums(dbeta, g, (i) => dz[i]);
}

/** Batch statistics, in float64 and two passes. */
export const trainingReference: Kernels = {
  forward({ x, gamma, beta, runningMean, runningVariance }, { y, mean, variance, newMean, newVariance }, g) {
    channelSums(mean, g, (i) => x[i] / g.rows);
    channelSums(variance, g, (i, c) => (x[i] - mean[c]) ** 2 / g.rows);
    for (let c = 0; c < g.channels; c++) {
      const unbiased = variance[c] * unbiasing(g);
      newMean[c] = runningMean ? (1 - g.momentum) * runningMean[c] + g.momentum * mean[c] : mean[c];
      newVariance[c] = runningVariance ? (1 - g.momentum) * runningVariance[c] + g.momentum * unbiased : unbiased;
    }
    forward({ x, gamma, beta, mean, variance }, y, g);
  },

  dx(inputs, { dx, dgamma, dbeta }, g) {
    const { x, gamma, mean, variance } = inputs;
    gammaGradient(inputs, dgamma, g);
    betaGradient(inputs, dbeta, g);
    const dz = unfused(inputs, g);
    for (let i = 0; i < dx.length; i++) {
      const c = i % g.channels;
      const deviation = Math.sqrt(variance[c] + g.epsilon);
      const xhat = (x[i] - mean[c]) / deviation;
      dx[i] = ((gamma ? gamma[c] : 1) / deviation) * (dz[i] - dbeta[c] / g.rows - (xhat * dgamma[c]) / g.rows);
    }
  },
};

/** Given statistics, in float64. */
export const inferenceReference: Kernels = {
  forward(inputs, { y }, g) {
    forward(inputs, y, g);
  },

  dx(inputs, { dx }, g) {
    const { gamma, variance } = inputs;
    const dz = unfused(inputs, g);
    for (let i = 0; i < dx.length; i++) {
      const c = i % g.channels;
      dx[i] = (dz[i] * (gamma ? gamma[c] : 1)) / Math.sqrt(variance[c] + g.epsilon);
    }
  },

  dgamma(inputs, { dgamma }, g) {
    gammaGradient(inputs, dgamma, g);
  },

  dbeta(inputs, { dbeta }, g) {
    betaGradient(inputs, dbeta, g);
  },
};
