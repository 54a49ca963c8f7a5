import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import { batchNormInference } from '../ops/batch-norm/batch-norm.js';
import { localResponseNormalizationGeometry } from '../ops/local-response-normalization/geometry.js';
import { localResponseNormalization } from '../ops/local-response-normalization/local-response-normalization.js';
import { allFloat, type Call, type StandardKernel } from './standard-kernel.js';

const batchNormOp = batchNormInference.definition as unknown as ReadyOp<object>;
const lrnOp = localResponseNormalization.definition as unknown as ReadyOp<object>;

/** tfjs's batch normalisation is ours with given statistics, where these are one number a channel. */
const fusedBatchNorm: StandardKernel = {
  kernelName: 'FusedBatchNorm',
  plan({ inputs, attrs }) {
    const { x, scale, offset, mean, variance } = inputs as Record<string, TensorInfo>;
    const channels = x!.shape.at(-1)!;
    const vectors = [scale, offset, mean, variance].filter((vector) => vector != null);
    const perChannel = vectors.every(({ shape }) => shape.length === 1 && shape[0] === channels);
    if (!perChannel || !allFloat(inputs) || x!.shape.includes(0)) return undefined;
    const epsilon = (attrs['varianceEpsilon'] as number | null | undefined) ?? 0.001;
    const rows = x!.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const geometry = { shape: x!.shape, rows, channels, epsilon, momentum: 0, unbiased: true, activation: 'linear' };
    const given = { x: x!, gamma: scale!, beta: offset!, mean: mean!, variance: variance! };
    return { op: batchNormOp, part: 'forward', inputs: given, geometry };
  },
};

/** tfjs's alpha is not divided by the window's size. */
function lrnGeometry({ attrs }: Call, shape: number[]): object {
  const { depthRadius, bias, alpha, beta } = attrs as { depthRadius: number; bias: number; alpha: number; beta: number };
  return localResponseNormalizationGeometry(shape, { depthRadius, bias, alpha, beta, divideAlpha: false });
}

const lrn: StandardKernel = {
  kernelName: 'LRN',
  plan(call) {
    const { shape } = call.inputs['x']!;
    if (!allFloat(call.inputs) || shape.includes(0)) return undefined;
    return { op: lrnOp, part: 'forward', inputs: call.inputs, geometry: lrnGeometry(call, shape) };
  },
};

const lrnGrad: StandardKernel = {
  kernelName: 'LRNGrad',
  plan(call) {
    const { shape } = call.inputs['x']!;
    if (!allFloat(call.inputs) || shape.includes(0)) return undefined;
    return { op: lrnOp, part: 'dx', inputs: call.inputs, geometry: lrnGeometry(call, shape) };
  },
};

export const normalizations: readonly StandardKernel[] = [fusedBatchNorm, lrn, lrnGrad];
