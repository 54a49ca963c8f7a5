import type { KernelFamilies, KernelTable } from '../../kernels.js';
import { tensorflow as activation } from '../../ops/activation/tensorflow.js';
import { tensorflow as addRelu } from '../../ops/add-relu/tensorflow.js';
import { tensorflow as avgPool } from '../../ops/avg-pool/tensorflow.js';
import { inferenceTensorflow, trainingTensorflow } from '../../ops/batch-norm/tensorflow.js';
import { concatTensorflow } from '../../ops/concat/tensorflow.js';
import { tensorflow as convTranspose2d } from '../../ops/conv-transpose2d/tensorflow.js';
import { tensorflow as conv2d } from '../../ops/conv2d/tensorflow.js';
import { tensorflow as dense } from '../../ops/dense/tensorflow.js';
import { tensorflow as depthwiseConv2d } from '../../ops/depthwise-conv2d/tensorflow.js';
import { averageTensorflow } from '../../ops/global-pool/tensorflow.js';
import { joinedTensorflow } from '../../ops/joined-conv2d/tensorflow.js';
import { tensorflow as localResponseNormalization } from '../../ops/local-response-normalization/tensorflow.js';
import { tensorflow as maxPool } from '../../ops/max-pool/tensorflow.js';
import { tensorflow as softmaxCrossEntropy } from '../../ops/softmax-cross-entropy/tensorflow.js';
import { tensorflow as zeroPad2d } from '../../ops/zero-pad/tensorflow.js';
import { tensorflow as batchMatMul } from '../../standard/tensorflow-mat-mul.js';
import { tensorflow as adadeltaStep } from '../../train/optimizers/adadelta-step/tensorflow.js';
import { tensorflow as adagradStep } from '../../train/optimizers/adagrad-step/tensorflow.js';
import { adamTensorflow } from '../../train/optimizers/adam-step/tensorflow.js';
import { tensorflow as adamaxStep } from '../../train/optimizers/adamax-step/tensorflow.js';
import { tensorflow as lerp } from '../../train/optimizers/lerp/tensorflow.js';
import { squareSumTensorflow } from '../../train/optimizers/norms/tensorflow.js';
import { tensorflow as rmsPropStep } from '../../train/optimizers/rms-prop-step/tensorflow.js';
import { tensorflow as sgdStep } from '../../train/optimizers/sgd-step/tensorflow.js';
import type { TensorflowRunner } from './runner.js';

/** The kernels of `tensorflow`, by op and part. */
export const tensorflowKernels: KernelTable<TensorflowRunner> = {
  BatchMatMul: batchMatMul,
  CnnActivation: activation,
  CnnGatedActivation: { forward: activation['forward']! },
  CnnAddRelu: addRelu,
  CnnAvgPool: avgPool,
  CnnBatchNorm: inferenceTensorflow,
  CnnBatchNormTraining: trainingTensorflow,
  CnnConvTranspose2D: convTranspose2d,
  CnnConv2D: conv2d,
  CnnDense: dense,
  CnnDepthwiseConv2D: depthwiseConv2d,
  CnnGlobalAvgPool: averageTensorflow,
  CnnLocalResponseNormalization: localResponseNormalization,
  CnnMaxPool: maxPool,
  CnnSoftmaxCrossEntropy: softmaxCrossEntropy,
  CnnZeroPad2D: zeroPad2d,

  CnnAdadeltaStep: adadeltaStep,
  CnnAdagradStep: adagradStep,
  CnnAdamStep: adamTensorflow(false),
  CnnAmsGradStep: adamTensorflow(false),
  CnnAdamDirection: adamTensorflow(true),
  CnnAdamaxStep: adamaxStep,
  CnnLerp: lerp,
  CnnRmsPropStep: rmsPropStep,
  CnnRmsPropMomentumStep: rmsPropStep,
  CnnRmsPropCenteredStep: rmsPropStep,
  CnnRmsPropCenteredMomentumStep: rmsPropStep,
  CnnSgdStep: sgdStep,
  CnnSgdMomentumStep: sgdStep,
  CnnSquareSum: squareSumTensorflow,
};

/** Of ops that join as many tensors, or convolutions, as are given. */
export const tensorflowFamilies: KernelFamilies<TensorflowRunner> = {
  CnnConcat: (count) => concatTensorflow(Number(count)),
  CnnJoinedConv2D: joinedTensorflow,
};
