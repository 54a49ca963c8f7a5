/** The classical classifiers of the CS231n notes and their preprocessing, to compare nets with on the same data. */
export type { FitOptions, FitResult } from './descent.js';
export type { Labels } from './examples.js';
export { type Affine, GradientClassifier, type GradientClassifierOptions } from './gradient-classifier.js';
export {
  type Accuracy,
  type Interruptible,
  KNearestNeighbors,
  type KNearestNeighborsOptions,
  type Neighbors,
} from './k-nearest-neighbors.js';
export { LinearSvm, type LinearSvmOptions } from './linear-svm.js';
export { Pca, type PcaOptions } from './pca.js';
export { pixelRows } from './pixel-rows.js';
export { SoftmaxRegression } from './softmax-regression.js';
export { type Preprocessing, Standardizer, type StandardizerOptions } from './standardizer.js';
export { TwoLayerNet, type TwoLayerNetOptions } from './two-layer-net.js';
