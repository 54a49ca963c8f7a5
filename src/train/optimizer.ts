import { AdamOptimizer, MomentumOptimizer, type Optimizer } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { checkLearningRate } from './learning-rate.js';

export const OPTIMIZERS = ['sgd', 'adam'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** An optimizer whose learning rate can be changed between steps. */
export interface ScheduledOptimizer {
  readonly optimizer: Optimizer;
  setLearningRate(learningRate: number): void;
}

/** 'sgd': stochastic gradient descent with momentum 0.9; 'adam': with its paper's betas. */
export function createOptimizer(name: OptimizerName, learningRate: number): ScheduledOptimizer {
  checkLearningRate(learningRate);
  if (name === 'sgd') {
    const optimizer = new MomentumOptimizer(learningRate, 0.9);
    return { optimizer, setLearningRate: (rate) => optimizer.setLearningRate(rate) };
  }
  if (name === 'adam') {
    const optimizer = new AdamOptimizer(learningRate, 0.9, 0.999);
    // tfjs's Adam reads this field at every step and gives it no setter.
    return { optimizer, setLearningRate: (rate) => Object.assign(optimizer, { learningRate: rate }) };
  }
  throw new ArgumentError(`optimizer must be one of ${OPTIMIZERS.join(', ')}, got ${JSON.stringify(name)}`);
}
