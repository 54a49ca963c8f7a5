/** Weights under the names and in the layouts of other frameworks. */

export type { CacheOptions } from './cache/cache-options.js';
export type { WeightSource } from './formats/open-source.js';
export type { ReadOptions, StoredArray, StoredType, WeightFile, WeightFormat } from './formats/weight-file.js';
export { type FromPretrainedOptions, fromPretrained } from './from-pretrained.js';
export type { Framework } from './layouts.js';
export { formatLoadReport, type LoadReport } from './load-report.js';
export { type LoadSource, type LoadWeightsOptions, loadWeights } from './load-weights.js';
export { type ModelInput, modelInput, setModelInput } from './model-input.js';
export { type DetectedNet, detectNet } from './nets/recognise.js';
export { type OwnModelOptions, PRETRAINED, type PretrainedName } from './own-models.js';
export { type ReadWeightsOptions, readWeights } from './read-weights.js';
export {
  type LoadStateDictOptions,
  loadStateDict,
  type StateDict,
  StateDictError,
  type StateDictOptions,
  type StateDictReport,
  stateDict,
  type WeightArray,
} from './state-dict.js';
export {
  type SingleFileFormat,
  type WritableWeights,
  type WriteWeightsOptions,
  writeWeights,
} from './write-weights.js';
