import { clone, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { CnnOptimizer } from './optimizers/cnn-optimizer.js';
import { layerStates, namedVariables, restoreLayerStates, type Trainable } from './trainable.js';

/**
 * Takes note of all that training changes: weights, moving statistics, the layers' counters of random numbers, the optimizer's
 * slots, steps and learning rate. Weights are not copied before they change.
 *
 * Layers of tfjs-layers that draw random numbers have no state that could be told.
 *
 * @returns puts everything back, to the bit; to be called once
 */
export function remember(net: Trainable, optimizer?: CnnOptimizer): () => void {
  const weights = namedVariables(net).map(({ variable }) => [variable, clone(variable)] as const);
  const layers = layerStates(net);
  const putBackOptimizer = optimizer && rememberOptimizer(optimizer);
  return () => {
    for (const [variable, value] of weights) assign(variable, value);
    restoreLayerStates(net, layers);
    putBackOptimizer?.();
  };
}

function rememberOptimizer(optimizer: CnnOptimizer): () => void {
  const slots = Object.fromEntries(Object.entries(optimizer.slots()).map(([name, slot]) => [name, clone(slot) as Tensor]));
  const state = optimizer.state();
  const { learningRate } = optimizer;
  return () => {
    optimizer.loadSlots(slots);
    optimizer.restore(state);
    optimizer.setLearningRate(learningRate);
    for (const slot of Object.values(slots)) slot.dispose();
  };
}

function assign(variable: Variable, value: Tensor): void {
  variable.assign(value);
  value.dispose();
}
