/** The differentiable ops. */
export type { PartDeclaration, ReadyOp } from '../backends/kernel-host.js';
export type { WasmRuntime } from '../backends/wasm-runtime.js';
export type { BufferKernel, KernelSet, Named, Parts, PortableKernel, WasmKernel } from '../kernels.js';
export type { Op, OpDefinition } from '../op-definition.js';
export * from './activation/activation.js';
export type { ActivationKind, GatedActivation } from './activation/functions.js';
export type { FusedActivation } from './activation/fused.js';
export type { ActivationGeometry } from './activation/geometry.js';
export { adaptiveAvgPool } from './adaptive-pool/adaptive-avg-pool.js';
export { adaptiveMaxPool } from './adaptive-pool/adaptive-max-pool.js';
export type { AdaptivePoolGeometry, AdaptivePoolOptions } from './adaptive-pool/geometry.js';
export { addRelu } from './add-relu/add-relu.js';
export type { AddReluGeometry } from './add-relu/kernels.js';
export { avgPool } from './avg-pool/avg-pool.js';
export type { AvgPoolGeometry, AvgPoolOptions } from './avg-pool/geometry.js';
export {
  type BatchNormInferenceOptions,
  type BatchNormTrainingOptions,
  type BatchNormTrainingResult,
  batchNorm,
  batchNormInference,
  batchNormTraining,
} from './batch-norm/batch-norm.js';
export type { BatchNormActivation, BatchNormGeometry } from './batch-norm/geometry.js';
export { concatChannels } from './concat/concat.js';
export { type ConvTranspose2DOptions, convTranspose2d } from './conv-transpose2d/conv-transpose2d.js';
export type { ConvTranspose2DGeometry, ConvTranspose2DWindow } from './conv-transpose2d/geometry.js';
export { type Conv2DOptions, conv2d } from './conv2d/conv2d.js';
export type { Conv2DGeometry } from './conv2d/geometry.js';
export { type DenseOptions, dense } from './dense/dense.js';
export type { DenseGeometry } from './dense/geometry.js';
export { type DepthwiseConv2DOptions, depthwiseConv2d } from './depthwise-conv2d/depthwise-conv2d.js';
export type { DepthwiseConv2DGeometry } from './depthwise-conv2d/geometry.js';
export { type DropoutOptions, dropout } from './dropout/dropout.js';
export type { DropoutGeometry } from './dropout/mask.js';
export type { GlobalPoolGeometry, GlobalPoolOptions } from './global-pool/geometry.js';
export { globalAvgPool } from './global-pool/global-avg-pool.js';
export { globalMaxPool } from './global-pool/global-max-pool.js';
export { type ConvolutionBranch, type JoinedConv2DOptions, joinedConv2d } from './joined-conv2d/joined-conv2d.js';
export { l2Pool } from './l2-pool/l2-pool.js';
export type {
  LocalResponseNormalizationGeometry,
  LocalResponseNormalizationOptions,
} from './local-response-normalization/geometry.js';
export { localResponseNormalization } from './local-response-normalization/local-response-normalization.js';
export type { LocallyConnected2DGeometry } from './locally-connected2d/geometry.js';
export { type LocallyConnected2DOptions, locallyConnected2d } from './locally-connected2d/locally-connected2d.js';
export type { Reduction } from './loss/geometry.js';
export { maxPool } from './max-pool/max-pool.js';
export { type MaxPoolWithSwitchesResult, maxPoolWithSwitches } from './max-pool/max-pool-with-switches.js';
export type { MaxUnpoolGeometry, MaxUnpoolOptions } from './max-unpool/geometry.js';
export { maxUnpool2d } from './max-unpool/max-unpool.js';
export type { MaxoutGeometry } from './maxout/kernels.js';
export { maxout } from './maxout/maxout.js';
export { type MulticlassHingeOptions, multiclassHinge } from './multiclass-hinge/multiclass-hinge.js';
export type { DensePoolOptions, PoolOptions } from './pool/geometry.js';
export { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from './softmax-cross-entropy/softmax-cross-entropy.js';
export type { UpsampleGeometry, UpsampleMode, UpsampleOptions } from './upsample/geometry.js';
export { upsample2d } from './upsample/upsample.js';
export { zeroPad2d } from './zero-pad/zero-pad.js';
