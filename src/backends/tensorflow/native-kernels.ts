import type { JoinedKernel, KernelTable, Parts } from '../../kernels.js';
import { nativeActivation } from '../../ops/activation/tensorflow-native.js';
import { nativeAddRelu } from '../../ops/add-relu/tensorflow-native.js';
import { nativeBatchNormTraining } from '../../ops/batch-norm/tensorflow-native.js';
import { nativeConv2D } from '../../ops/conv2d/tensorflow-native.js';
import { nativeMaxPool } from '../../ops/max-pool/tensorflow-native.js';
import { nativeSoftmaxCrossEntropy } from '../../ops/softmax-cross-entropy/tensorflow-native.js';
import { joinedAdam } from '../../train/optimizers/adam-step/tensorflow-native.js';
import { joinedSgd } from '../../train/optimizers/sgd-step/tensorflow-native.js';
import type { TensorflowRunner } from './runner.js';

/** Kernels by native ops, which go before the compositions where the addon is there. */
export const nativeKernels: KernelTable<TensorflowRunner> = {
  CnnActivation: nativeActivation,
  CnnAddRelu: nativeAddRelu,
  CnnBatchNormTraining: nativeBatchNormTraining,
  CnnConv2D: nativeConv2D,
  CnnMaxPool: nativeMaxPool,
  CnnSoftmaxCrossEntropy: nativeSoftmaxCrossEntropy,
};

/** Updates of all weights at once, by the names of their ops. */
export const nativeJoined: Parts<JoinedKernel<TensorflowRunner>> = {
  CnnSgdStep: joinedSgd([]),
  CnnSgdMomentumStep: joinedSgd(['velocity']),
  CnnAdamStep: joinedAdam(['mean', 'square']),
  CnnAmsGradStep: joinedAdam(['mean', 'square', 'largest']),
};
