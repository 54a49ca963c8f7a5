/** Nets made of trained nets. */
export { featureExtractor } from './feature-extractor.js';
export { FeatureSource, type FeatureSourceOptions } from './features/feature-source.js';
export {
  type FineTuneOptions,
  type FineTunePhase,
  type FineTuneResult,
  fineTune,
} from './fine-tune/fine-tune.js';
export { freezeUntil, unfreeze } from './freeze.js';
export { type FullyConvolutionalOptions, toFullyConvolutional } from './fully-convolutional.js';
export { type ReplaceHeadOptions, replaceHead } from './replace-head.js';
export { type SplitModel, splitFrozen } from './split-frozen.js';
export { type TrainableCount, type TrainableReport, type TrainableRow, trainableReport } from './trainable-report.js';
