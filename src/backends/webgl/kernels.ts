import type { KernelFamilies, KernelTable } from '../../kernels.js';
import { webgl as activation } from '../../ops/activation/webgl.js';
import { averageWebgl as adaptiveAverage, maxWebgl as adaptiveMax } from '../../ops/adaptive-pool/webgl.js';
import { webgl as addRelu } from '../../ops/add-relu/webgl.js';
import { webgl as avgPool } from '../../ops/avg-pool/webgl.js';
import { inferenceWebgl, trainingWebgl } from '../../ops/batch-norm/webgl.js';
import { concatWebgl } from '../../ops/concat/webgl.js';
import { webgl as convTranspose2d } from '../../ops/conv-transpose2d/webgl.js';
import { webgl as conv2d } from '../../ops/conv2d/webgl.js';
import { webgl as dense } from '../../ops/dense/webgl.js';
import { webgl as depthwise } from '../../ops/depthwise-conv2d/webgl.js';
import { webgl as dropout } from '../../ops/dropout/webgl.js';
import { averageWebgl, maxWebgl } from '../../ops/global-pool/webgl.js';
import { joinedWebgl } from '../../ops/joined-conv2d/webgl.js';
import { webgl as l2Pool } from '../../ops/l2-pool/webgl.js';
import { webgl as lrn } from '../../ops/local-response-normalization/webgl.js';
import { webgl as locallyConnected2d } from '../../ops/locally-connected2d/webgl.js';
import { webgl as maxPool, switchesWebgl } from '../../ops/max-pool/webgl.js';
import { webgl as maxUnpool } from '../../ops/max-unpool/webgl.js';
import { webgl as maxout } from '../../ops/maxout/webgl.js';
import { webgl as multiclassHinge } from '../../ops/multiclass-hinge/webgl.js';
import { webgl as softmaxCrossEntropy } from '../../ops/softmax-cross-entropy/webgl.js';
import { webgl as upsample2d } from '../../ops/upsample/webgl.js';
import { webgl as zeroPad } from '../../ops/zero-pad/webgl.js';
import { webgl as matMul } from '../../standard/mat-mul-webgl.js';
import { webgl as reshape } from '../../standard/reshape-webgl.js';
import { webgl as sum } from '../../standard/sum-webgl.js';
import { webgl as adadelta } from '../../train/optimizers/adadelta-step/webgl.js';
import { webgl as adagrad } from '../../train/optimizers/adagrad-step/webgl.js';
import { adamDirectionWebgl, adamWebgl, amsGradWebgl } from '../../train/optimizers/adam-step/webgl.js';
import { webgl as adamax } from '../../train/optimizers/adamax-step/webgl.js';
import { webgl as gate } from '../../train/optimizers/gate/webgl.js';
import { webgl as lerp } from '../../train/optimizers/lerp/webgl.js';
import { webgl as maxNorm } from '../../train/optimizers/max-norm/webgl.js';
import { clipFactorWebgl, squareSumWebgl, trustRatioWebgl } from '../../train/optimizers/norms/webgl.js';
import { rmsPropWebgl } from '../../train/optimizers/rms-prop-step/webgl.js';
import { sgdMomentumWebgl, sgdWebgl } from '../../train/optimizers/sgd-step/webgl.js';
import type { WebglRunner } from './runner.js';

/** The kernels of `webgl`, by op and part. */
export const webglKernels: KernelTable<WebglRunner> = {
  CnnActivation: activation,
  CnnAdaptiveAvgPool: adaptiveAverage,
  CnnAdaptiveMaxPool: adaptiveMax,
  CnnAddRelu: addRelu,
  CnnAvgPool: avgPool,
  CnnBatchNorm: inferenceWebgl,
  CnnBatchNormTraining: trainingWebgl,
  CnnConv2D: conv2d,
  CnnConvTranspose2D: convTranspose2d,
  CnnDense: dense,
  CnnDepthwiseConv2D: depthwise,
  CnnDropout: dropout,
  CnnGatedActivation: activation,
  CnnGlobalAvgPool: averageWebgl,
  CnnGlobalMaxPool: maxWebgl,
  CnnL2Pool: l2Pool,
  CnnLocalResponseNormalization: lrn,
  CnnLocallyConnected2D: locallyConnected2d,
  CnnMaxPool: maxPool,
  CnnMaxPoolWithSwitches: switchesWebgl,
  CnnMaxUnpool2D: maxUnpool,
  CnnMaxout: maxout,
  CnnMulticlassHinge: multiclassHinge,
  CnnSoftmaxCrossEntropy: softmaxCrossEntropy,
  CnnUpsample2D: upsample2d,
  CnnZeroPad2D: zeroPad,
  Add: sum,
  BatchMatMul: matMul,
  Reshape: reshape,
  CnnAdadeltaStep: adadelta,
  CnnAdagradStep: adagrad,
  CnnAdamDirection: adamDirectionWebgl,
  CnnAdamStep: adamWebgl,
  CnnAmsGradStep: amsGradWebgl,
  CnnAdamaxStep: adamax,
  CnnClipFactor: clipFactorWebgl,
  CnnGate: gate,
  CnnLerp: lerp,
  CnnMaxNorm: maxNorm,
  CnnRmsPropStep: rmsPropWebgl('Step', ['square']),
  CnnRmsPropMomentumStep: rmsPropWebgl('MomentumStep', ['square', 'velocity']),
  CnnRmsPropCenteredStep: rmsPropWebgl('CenteredStep', ['square', 'mean']),
  CnnRmsPropCenteredMomentumStep: rmsPropWebgl('CenteredMomentumStep', ['square', 'mean', 'velocity']),
  CnnSgdStep: sgdWebgl,
  CnnSgdMomentumStep: sgdMomentumWebgl,
  CnnSquareSum: squareSumWebgl,
  CnnTrustRatio: trustRatioWebgl,
};

/** Textures that every WebGL 2 lets one program read. */
const MOST_INPUTS = 16;

/** Of ops that join as many tensors, or convolutions, as are given. */
export const webglFamilies: KernelFamilies<WebglRunner> = {
  CnnConcat: (count) => (Number(count) <= MOST_INPUTS ? concatWebgl(Number(count)) : undefined),
  CnnJoinedConv2D: (pattern) => (pattern.length <= MOST_INPUTS ? joinedWebgl(pattern) : undefined),
};
