import { AdamOptimizer, type Optimizer } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { checkLearningRate } from './learning-rate.js';
import { MomentumSgd } from './momentum-sgd.js';

/** Names that createOptimizer takes. */
export const OPTIMIZERS = ['sgd', 'adam'] as const;

/** One of OPTIMIZERS. */
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** An optimizer whose learning rate can be changed between steps. */
export type ScheduledOptimizer = Optimizer & {
  /** Takes effect from the next step on; 0 is allowed. */
  setLearningRate(learningRate: number): void;
};

/** 'sgd': stochastic gradient descent with momentum 0.9; 'adam': with its paper's betas. */
export function createOptimizer(name: OptimizerName, learningRate: number): ScheduledOptimizer {
  checkLearningRate(learningRate);
  if (name === 'sgd') return new MomentumSgd(learningRate);
  if (name === 'adam') return new ScheduledAdam(learningRate, 0.9, 0.999);
  throw new ArgumentError(`optimizer must be one of ${OPTIMIZERS.join(', ')}, got ${JSON.stringify(name)}`);
}

class ScheduledAdam extends AdamOptimizer {
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }
}
