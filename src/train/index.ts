export type { Precision } from '../precision.js';
export { averageCheckpoints } from './average-checkpoints.js';
export { type BatchNormStatisticsOptions, updateBatchNormStatistics } from './batch-norm-statistics.js';
export type { EpochAnswer, EpochReport, StepReport, TrainerCallback, TrainingStart } from './callbacks/callback.js';
export { type BestEpoch, type EarlyStopping, type EarlyStoppingOptions, earlyStopping } from './callbacks/early-stopping.js';
export { type EpochCheckpoints, epochCheckpoints } from './callbacks/epoch-checkpoints.js';
export { asFitCallback } from './callbacks/fit-callback.js';
export { type History, history } from './callbacks/history.js';
export { scheduled } from './callbacks/scheduled.js';
export { type LayerReport, type WatchLayersOptions, watchLayers } from './callbacks/watch-layers.js';
export {
  CheckpointError,
  type CheckpointStore,
  type Snapshot,
  type StoredCheckpoint,
  type StoredTensor,
} from './checkpoints/checkpoint-store.js';
export type { KeepOptions } from './checkpoints/choose-checkpoint.js';
export { IndexedDbCheckpoints } from './checkpoints/indexed-db-checkpoints.js';
export { type CrossValidationOptions, type CrossValidationResult, crossValidate, type Fold } from './cross-validation.js';
export { DeviceLostError } from './device-errors.js';
export { DivergedError } from './diverged.js';
export { type Averaging, averagePredictions, Ensemble, type EnsembleOptions } from './ensemble.js';
export { type EvaluateOptions, evaluate } from './evaluate.js';
export { type FitModelOptions, fit } from './fit.js';
export { crossEntropy, hingeLoss, type LossFunction } from './loss.js';
export { type LrFindOptions, type LrFindResult, lrFind } from './lr-find/lr-find.js';
export type { SuggestedRates, Sweep } from './lr-find/suggestions.js';
export { Adadelta, type AdadeltaOptions } from './optimizers/adadelta.js';
export { Adagrad, type AdagradOptions } from './optimizers/adagrad.js';
export { Adam, type AdamOptions } from './optimizers/adam.js';
export { AdamFamily, type AdamFamilyOptions } from './optimizers/adam-family.js';
export { AdamW } from './optimizers/adam-w.js';
export { Adamax, type AdamaxOptions } from './optimizers/adamax.js';
export { CnnOptimizer, type OptimizerDefaults, type OptimizerOptions } from './optimizers/cnn-optimizer.js';
export { createOptimizer, OPTIMIZERS, type OptimizerName, type OptimizerOptionsByName } from './optimizers/create-optimizer.js';
export { GradientAccumulator } from './optimizers/gradient-accumulator.js';
export type { GradientScaler } from './optimizers/gradient-scaler.js';
export { Lamb, type LambOptions } from './optimizers/lamb.js';
export { Lars, type LarsOptions } from './optimizers/lars.js';
export { NAdam, type NAdamOptions } from './optimizers/n-adam.js';
export type { LayerSelector, ParameterGroup, PenaltyOptions } from './optimizers/parameter-groups.js';
export { RAdam, type RAdamOptions } from './optimizers/r-adam.js';
export { RmsProp, type RmsPropOptions } from './optimizers/rms-prop.js';
export { Sgd, type SgdOptions } from './optimizers/sgd.js';
export type { OptimizerState } from './optimizers/state.js';
export type { WeightState } from './optimizers/tracked-weight.js';
export { WeightAverage, type WeightAverageOptions, type WeightAverageState } from './optimizers/weight-average.js';
export { autocast } from './precision/autocast.js';
export { LossScaler, type LossScalerOptions } from './precision/loss-scaler.js';
export { type SanityCheckOptions, sanityChecks } from './sanity/sanity-checks.js';
export type { SanityCheck, SanityReport } from './sanity/sanity-report.js';
export { chain } from './schedules/chain.js';
export type { ScheduleClock, ScheduleUnit } from './schedules/clock.js';
export { constant } from './schedules/constant.js';
export { type CosineOptions, cosine } from './schedules/cosine.js';
export { type CosineRestartsOptions, cosineRestarts } from './schedules/cosine-restarts.js';
export { type ExponentialOptions, exponential } from './schedules/exponential.js';
export { type InverseTimeOptions, inverseTime } from './schedules/inverse-time.js';
export { type LinearWarmupOptions, linearWarmup } from './schedules/linear-warmup.js';
export { type MultiStepOptions, multiStep } from './schedules/multi-step.js';
export { type OneCycleOptions, oneCycle } from './schedules/one-cycle.js';
export { type PlateauOptions, plateau } from './schedules/plateau.js';
export { type PolynomialOptions, polynomial } from './schedules/polynomial.js';
export type { Moment, Schedule } from './schedules/schedule.js';
export { type SequenceOptions, sequence } from './schedules/sequence.js';
export { type StepDecayOptions, stepDecay } from './schedules/step-decay.js';
export type { Score } from './score.js';
export type { Distribution, Drawn } from './search/distribution.js';
export { formatTrials } from './search/format-trials.js';
export { type Grid, gridSearch } from './search/grid-search.js';
export { type RandomSearchOptions, randomSearch, type SearchSpace, type ValuesOf } from './search/random-search.js';
export type {
  Hyperparameters,
  HyperparameterValue,
  Objective,
  ScoredResult,
  SearchOptions,
  SearchResult,
  Trial,
  TrialContext,
} from './search/trial.js';
export type { NamedVariable, Trainable, TrainableFunction } from './trainable.js';
export { type CheckpointOptions, Trainer, type TrainerFitOptions, type TrainerOptions, type TrainResult } from './trainer.js';
export { loadCheckpointWeights } from './training-state.js';
