export { type EvaluateOptions, evaluate } from './evaluate.js';
export { checkLearningRate, cosineDecay, type Schedule, stepDecay, warmUp } from './learning-rate.js';
export { MomentumSgd } from './momentum-sgd.js';
export { createOptimizer, OPTIMIZERS, type OptimizerName, type ScheduledOptimizer } from './optimizer.js';
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
export type { Moment } from './schedules/schedule.js';
export { type SequenceOptions, sequence } from './schedules/sequence.js';
export type { StepDecayOptions } from './schedules/step-decay.js';
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
export {
  DivergedError,
  type EpochResult,
  type TrainOptions,
  type TrainProgress,
  type TrainResult,
  trainModel,
} from './train-loop.js';
export { CnnOptimizer, type OptimizerOptions } from './optimizers/cnn-optimizer.js';
export type { LayerSelector, ParameterGroup, PenaltyOptions } from './optimizers/parameter-groups.js';
export { Sgd, type SgdOptions } from './optimizers/sgd.js';
export type { OptimizerState } from './optimizers/state.js';
export type { WeightState } from './optimizers/tracked-weight.js';
