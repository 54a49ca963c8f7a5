/** The differentiable ops. */
export * from './activation/activation.js';
export { addRelu } from './add-relu/add-relu.js';
export { adaptiveAvgPool } from './adaptive-pool/adaptive-avg-pool.js';
export { adaptiveMaxPool } from './adaptive-pool/adaptive-max-pool.js';
export type { AdaptivePoolOptions } from './adaptive-pool/geometry.js';
export { avgPool } from './avg-pool/avg-pool.js';
export type { AvgPoolOptions } from './avg-pool/geometry.js';
export {
  batchNorm,
  batchNormInference,
  type BatchNormInferenceOptions,
  batchNormTraining,
  type BatchNormTrainingOptions,
  type BatchNormTrainingResult,
} from './batch-norm/batch-norm.js';
export { concatChannels } from './concat/concat.js';
export { conv2d, type Conv2DOptions } from './conv2d/conv2d.js';
export { dense, type DenseOptions } from './dense/dense.js';
export { depthwiseConv2d, type DepthwiseConv2DOptions } from './depthwise-conv2d/depthwise-conv2d.js';
export { dropout, type DropoutOptions } from './dropout/dropout.js';
export { globalAvgPool } from './global-pool/global-avg-pool.js';
export type { GlobalPoolOptions } from './global-pool/geometry.js';
export { globalMaxPool } from './global-pool/global-max-pool.js';
export { l2Pool } from './l2-pool/l2-pool.js';
export { localResponseNormalization } from './local-response-normalization/local-response-normalization.js';
export type { LocalResponseNormalizationOptions } from './local-response-normalization/geometry.js';
export { maxout } from './maxout/maxout.js';
export { maxPool } from './max-pool/max-pool.js';
export { multiclassHinge, type MulticlassHingeOptions } from './multiclass-hinge/multiclass-hinge.js';
export type { DensePoolOptions, PoolOptions } from './pool/geometry.js';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './softmax-cross-entropy/softmax-cross-entropy.js';
export { zeroPad2d } from './zero-pad/zero-pad.js';
