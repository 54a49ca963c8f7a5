import type { KernelFamilies, KernelTable } from '../../kernels.js';
import { webgpu as activation } from '../../ops/activation/webgpu.js';
import { averageWebgpu as adaptiveAvgPool, maxWebgpu as adaptiveMaxPool } from '../../ops/adaptive-pool/webgpu.js';
import { webgpu as addRelu } from '../../ops/add-relu/webgpu.js';
import { webgpu as avgPool } from '../../ops/avg-pool/webgpu.js';
import { inferenceWebgpu, trainingWebgpu } from '../../ops/batch-norm/webgpu.js';
import { concatWebgpu } from '../../ops/concat/webgpu.js';
import { webgpu as convTranspose2d } from '../../ops/conv-transpose2d/webgpu.js';
import { webgpu as conv2d } from '../../ops/conv2d/webgpu.js';
import { webgpu as dense } from '../../ops/dense/webgpu.js';
import { webgpu as depthwiseConv2d } from '../../ops/depthwise-conv2d/webgpu.js';
import { webgpu as dropout } from '../../ops/dropout/webgpu.js';
import { webgpu as matMul } from '../../ops/gemm/webgpu.js';
import { averageWebgpu, maxWebgpu } from '../../ops/global-pool/webgpu.js';
import { joinedWebgpu } from '../../ops/joined-conv2d/webgpu.js';
import { webgpu as l2Pool } from '../../ops/l2-pool/webgpu.js';
import { webgpu as localResponseNormalization } from '../../ops/local-response-normalization/webgpu.js';
import { webgpu as locallyConnected2d } from '../../ops/locally-connected2d/webgpu.js';
import { webgpu as maxPool, switchesWebgpu } from '../../ops/max-pool/webgpu.js';
import { webgpu as maxUnpool2d } from '../../ops/max-unpool/webgpu.js';
import { webgpu as maxout } from '../../ops/maxout/webgpu.js';
import { webgpu as multiclassHinge } from '../../ops/multiclass-hinge/webgpu.js';
import { webgpu as softmaxCrossEntropy } from '../../ops/softmax-cross-entropy/webgpu.js';
import { webgpu as upsample2d } from '../../ops/upsample/webgpu.js';
import { webgpu as zeroPad2d } from '../../ops/zero-pad/webgpu.js';
import { webgpu as adadelta } from '../../train/optimizers/adadelta-step/webgpu.js';
import { webgpu as adagrad } from '../../train/optimizers/adagrad-step/webgpu.js';
import { adamWebgpu } from '../../train/optimizers/adam-step/webgpu.js';
import { webgpu as adamax } from '../../train/optimizers/adamax-step/webgpu.js';
import { webgpu as gate } from '../../train/optimizers/gate/webgpu.js';
import { webgpu as lerp } from '../../train/optimizers/lerp/webgpu.js';
import { webgpu as maxNorm } from '../../train/optimizers/max-norm/webgpu.js';
import { clipFactorWebgpu, squareSumWebgpu, trustRatioWebgpu } from '../../train/optimizers/norms/webgpu.js';
import { rmsPropWebgpu } from '../../train/optimizers/rms-prop-step/webgpu.js';
import { sgdWebgpu } from '../../train/optimizers/sgd-step/webgpu.js';
import type { WebgpuRunner } from './runner.js';

/** The kernels of `webgpu`, by op and part. */
export const webgpuKernels: KernelTable<WebgpuRunner> = {
  BatchMatMul: matMul,
  CnnActivation: activation,
  CnnAdaptiveAvgPool: adaptiveAvgPool,
  CnnAdaptiveMaxPool: adaptiveMaxPool,
  CnnAddRelu: addRelu,
  CnnAvgPool: avgPool,
  CnnBatchNorm: inferenceWebgpu,
  CnnBatchNormTraining: trainingWebgpu,
  CnnConv2D: conv2d,
  CnnConvTranspose2D: convTranspose2d,
  CnnDense: dense,
  CnnDepthwiseConv2D: depthwiseConv2d,
  CnnDropout: dropout,
  CnnGatedActivation: activation,
  CnnGlobalAvgPool: averageWebgpu,
  CnnGlobalMaxPool: maxWebgpu,
  CnnL2Pool: l2Pool,
  CnnLocalResponseNormalization: localResponseNormalization,
  CnnLocallyConnected2D: locallyConnected2d,
  CnnMaxPool: maxPool,
  CnnMaxPoolWithSwitches: switchesWebgpu,
  CnnMaxUnpool2D: maxUnpool2d,
  CnnMaxout: maxout,
  CnnMulticlassHinge: multiclassHinge,
  CnnSoftmaxCrossEntropy: softmaxCrossEntropy,
  CnnUpsample2D: upsample2d,
  CnnZeroPad2D: zeroPad2d,
  CnnAdadeltaStep: adadelta,
  CnnAdagradStep: adagrad,
  CnnAdamDirection: adamWebgpu(['mean', 'square'], true),
  CnnAdamStep: adamWebgpu(['mean', 'square']),
  CnnAmsGradStep: adamWebgpu(['mean', 'square', 'largest']),
  CnnAdamaxStep: adamax,
  CnnClipFactor: clipFactorWebgpu,
  CnnGate: gate,
  CnnLerp: lerp,
  CnnMaxNorm: maxNorm,
  CnnRmsPropStep: rmsPropWebgpu(['square']),
  CnnRmsPropMomentumStep: rmsPropWebgpu(['square', 'velocity']),
  CnnRmsPropCenteredStep: rmsPropWebgpu(['square', 'mean']),
  CnnRmsPropCenteredMomentumStep: rmsPropWebgpu(['square', 'mean', 'velocity']),
  CnnSgdStep: sgdWebgpu([]),
  CnnSgdMomentumStep: sgdWebgpu(['velocity']),
  CnnSquareSum: squareSumWebgpu,
  CnnTrustRatio: trustRatioWebgpu,
};

/** Of ops that join as many tensors, or convolutions, as are given. */
export const webgpuFamilies: KernelFamilies<WebgpuRunner> = {
  CnnConcat: (count) => concatWebgpu(Number(count)),
  CnnJoinedConv2D: joinedWebgpu,
};
