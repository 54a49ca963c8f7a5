export { type EvaluateOptions, evaluate } from './evaluate.js';
export { checkLearningRate, cosineDecay, type Schedule, stepDecay, warmUp } from './learning-rate.js';
export { MomentumSgd } from './momentum-sgd.js';
export { createOptimizer, OPTIMIZERS, type OptimizerName, type ScheduledOptimizer } from './optimizer.js';
export type { Score } from './score.js';
export {
  DivergedError,
  type EpochResult,
  type TrainOptions,
  type TrainProgress,
  type TrainResult,
  trainModel,
} from './train-loop.js';
