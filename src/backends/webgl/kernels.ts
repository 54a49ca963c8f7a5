import type { KernelTable } from '../../kernels.js';
import { webgl as activation } from '../../ops/activation/webgl.js';
import { webgl as addRelu } from '../../ops/add-relu/webgl.js';
import { webgl as avgPool } from '../../ops/avg-pool/webgl.js';
import { inferenceWebgl, trainingWebgl } from '../../ops/batch-norm/webgl.js';
import { concatWebgl } from '../../ops/concat/webgl.js';
import { webgl as conv2d } from '../../ops/conv2d/webgl.js';
import { webgl as dense } from '../../ops/dense/webgl.js';
import { webgl as depthwise } from '../../ops/depthwise-conv2d/webgl.js';
import { averageWebgl, maxWebgl } from '../../ops/global-pool/webgl.js';
import { webgl as lrn } from '../../ops/local-response-normalization/webgl.js';
import { webgl as maxPool } from '../../ops/max-pool/webgl.js';
import { webgl as softmaxCrossEntropy } from '../../ops/softmax-cross-entropy/webgl.js';
import { webgl as matMul } from '../../standard/mat-mul-webgl.js';
import { webgl as reshape } from '../../standard/reshape-webgl.js';
import { webgl as sum } from '../../standard/sum-webgl.js';
import { adamDirectionWebgl, adamWebgl, amsGradWebgl } from '../../train/optimizers/adam-step/webgl.js';
import { webgl as sgd } from '../../train/optimizers/sgd-step/webgl.js';
import type { WebglRunner } from './runner.js';

/** Textures that every WebGL 2 lets one program read. */
const MOST_INPUTS = 16;

/** Joins of up to that many tensors: CnnConcat2, ... */
const concats = Object.fromEntries(
  Array.from({ length: MOST_INPUTS - 1 }, (_, i) => [`CnnConcat${i + 2}`, concatWebgl(i + 2)] as const),
);

/** The kernels of `webgl`, by op and part. */
export const webglKernels: KernelTable<WebglRunner> = {
  CnnActivation: activation,
  CnnAddRelu: addRelu,
  CnnAvgPool: avgPool,
  CnnBatchNorm: inferenceWebgl,
  CnnBatchNormTraining: trainingWebgl,
  ...concats,
  CnnConv2D: conv2d,
  CnnDense: dense,
  CnnDepthwiseConv2D: depthwise,
  CnnGatedActivation: activation,
  CnnGlobalAvgPool: averageWebgl,
  CnnGlobalMaxPool: maxWebgl,
  CnnLocalResponseNormalization: lrn,
  CnnMaxPool: maxPool,
  CnnSoftmaxCrossEntropy: softmaxCrossEntropy,
  Add: sum,
  BatchMatMul: matMul,
  Reshape: reshape,
  CnnSgdStep: sgd,
  CnnSgdMomentumStep: sgd,
  CnnAdamStep: adamWebgl,
  CnnAmsGradStep: amsGradWebgl,
  CnnAdamDirection: adamDirectionWebgl,
};
