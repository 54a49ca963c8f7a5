import { engine, Optimizer, type serialization, type Tensor, tidy, type Variable, zerosLike } from '@tensorflow/tfjs-core';
import { repeated } from '../renewal.js';
import { checkLearningRate } from './learning-rate.js';
import { momentumStep } from './momentum-step/momentum-step.js';

/** Stochastic gradient descent with momentum; one kernel a variable and step. */
export class MomentumSgd extends Optimizer {
  static readonly className = 'CnnMomentumSgd';
  private readonly velocities = new Map<string, Variable>();

  /** @param momentum share of the last step that goes into the next; default 0.9 */
  constructor(
    private learningRate: number,
    private readonly momentum = 0.9,
  ) {
    super();
    checkLearningRate(learningRate);
  }

  /** From the next step on; zero is allowed here: schedules end there. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  override applyGradients(gradients: Parameters<Optimizer['applyGradients']>[0]): void {
    const named = Array.isArray(gradients) ? gradients : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    for (const { name, tensor } of named) {
      // Gradients may be absent: of weights that the loss does not depend on.
      if (tensor) this.update(name, engine().registeredVariables[name], tensor);
    }
    repeated(() => this.incrementIterations());
  }

  private update(name: string, variable: Variable, gradient: Tensor): void {
    tidy(() => {
      const velocity = this.velocities.get(name) ?? zerosLike(variable).variable(false);
      this.velocities.set(name, velocity);
      const [newValue, newVelocity] = momentumStep(variable, gradient, velocity, () => ({
        rate: this.learningRate,
        momentum: this.momentum,
      }));
      variable.assign(newValue);
      velocity.assign(newVelocity);
    });
  }

  override dispose(): void {
    for (const velocity of this.velocities.values()) velocity.dispose();
    this.velocities.clear();
  }

  override getConfig(): serialization.ConfigDict {
    return { learningRate: this.learningRate, momentum: this.momentum };
  }
}
