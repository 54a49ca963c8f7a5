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
export {
  DivergedError,
  type EpochResult,
  type TrainOptions,
  type TrainProgress,
  type TrainResult,
  trainModel,
} from './train-loop.js';
