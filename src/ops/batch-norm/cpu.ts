import type { BufferKernel, Parts } from '../../kernels.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';

type Kernels = Parts<BufferKernel<Float32Array, BatchNormGeometry>>;
type Buffers = Parameters<Kernels[string]>[0];

/** y = scale (x - mean) + offset, per channel, as the forward pass and the mask of a fused relu compute it. */
interface Affine {
  mean: Float32Array;
  scale: Float64Array;
  offset: Float64Array;
}

function affine({ gamma, beta, mean, variance }: Buffers, { channels, epsilon }: BatchNormGeometry): Affine {
  const scale = new Float64Array(channels);
  const offset = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    scale[c] = (gamma ? gamma[c] : 1) / Math.sqrt(variance[c] + epsilon);
    offset[c] = beta ? beta[c] : 0;
  }
  return { mean, scale, offset };
}

function normalise(inputs: Buffers, y: Float32Array, g: BatchNormGeometry): void {
  const { mean, scale, offset } = affine(inputs, g);
  const { x } = inputs;
  const relu = g.activation === 'relu';
  for (let i = 0; i < y.length; ) {
    for (let c = 0; c < g.channels; c++, i++) {
      const z = scale[c] * (x[i] - mean[c]) + offset[c];
      y[i] = relu && z < 0 ? 0 : z;
    }
  }
}

/** Calls `visit` for every element with dy before the activation, row by row as memory lies. */
function forEachGradient(inputs: Buffers, g: BatchNormGeometry, visit: (dz: number, i: number, c: number) => void): void {
  const { mean, scale, offset } = affine(inputs, g);
  const { dy, x } = inputs;
  const relu = g.activation === 'relu';
  for (let i = 0; i < dy.length; ) {
    for (let c = 0; c < g.channels; c++, i++) {
      visit(relu && scale[c] * (x[i] - mean[c]) + offset[c] <= 0 ? 0 : dy[i], i, c);
    }
  }
}

/** sum dz and sum dz (x - mean), per channel. */
function gradientSums(inputs: Buffers, g: BatchNormGeometry): { plain: Float64Array; weighted: Float64Array } {
  const { x, mean } = inputs;
  const plain = new Float64Array(g.channels);
  const weighted = new Float64Array(g.channels);
  forEachGradient(inputs, g, (dz, i, c) => {
    plain[c] += dz;
    weighted[c] += dz * (x[i] - mean[c]);
  });
  return { plain, weighted };
}

function gammaGradient({ variance }: Buffers, weighted: Float64Array, dgamma: Float32Array, g: BatchNormGeometry): void {
  for (let c = 0; c < g.channels; c++) dgamma[c] = weighted[c] / Math.sqrt(variance[c] + g.epsilon);
}

function moments(x: Float32Array, { rows, channels }: BatchNormGeometry): { mean: Float64Array; variance: Float64Array } {
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; ) for (let c = 0; c < channels; c++, i++) mean[c] += x[i];
  for (let c = 0; c < channels; c++) mean[c] /= rows;
  for (let i = 0; i < x.length; ) for (let c = 0; c < channels; c++, i++) variance[c] += (x[i] - mean[c]) ** 2;
  for (let c = 0; c < channels; c++) variance[c] /= rows;
  return { mean, variance };
}

export const trainingCpu: Kernels = {
  forward({ x, gamma, beta, runningMean, runningVariance }, { y, mean, variance, newMean, newVariance }, g) {
    const batch = moments(x, g);
    mean.set(batch.mean);
    variance.set(batch.variance);
    const { momentum } = g;
    const unbiased = unbiasing(g);
    for (let c = 0; c < g.channels; c++) {
      const spread = batch.variance[c] * unbiased;
      newMean[c] = runningMean ? (1 - momentum) * runningMean[c] + momentum * batch.mean[c] : batch.mean[c];
      newVariance[c] = runningVariance ? (1 - momentum) * runningVariance[c] + momentum * spread : spread;
    }
    normalise({ x, gamma, beta, mean, variance }, y, g);
  },

  dx(inputs, { dx, dgamma, dbeta }, g) {
    const { x, gamma, mean, variance } = inputs;
    const { plain, weighted } = gradientSums(inputs, g);
    gammaGradient(inputs, weighted, dgamma, g);
    dbeta.set(plain);
    forEachGradient(inputs, g, (dz, i, c) => {
      const power = variance[c] + g.epsilon;
      const centred = dz - (plain[c] + ((x[i] - mean[c]) * weighted[c]) / power) / g.rows;
      dx[i] = ((gamma ? gamma[c] : 1) / Math.sqrt(power)) * centred;
    });
  },
};

export const inferenceCpu: Kernels = {
  forward(inputs, { y }, g) {
    normalise(inputs, y, g);
  },

  dx(inputs, { dx }, g) {
    const { scale } = affine(inputs, g);
    forEachGradient(inputs, g, (dz, i, c) => {
      dx[i] = dz * scale[c];
    });
  },

  dgamma(inputs, { dgamma }, g) {
    gammaGradient(inputs, gradientSums(inputs, g).weighted, dgamma, g);
  },

  dbeta(inputs, { dbeta }, g) {
    dbeta.set(gradientSums(inputs, g).plain);
  },
};
