import type { CnnOptimizer } from '../optimizers/cnn-optimizer.js';
import type { Moment, Schedule } from '../schedules/schedule.js';
import type { TrainerCallback } from './callback.js';

/**
 * A schedule for tfjs-layers' own `model.fit`, which has none; a Trainer takes schedules as they are.
 *
 *     const optimizer = new Sgd({ learningRate: 0.1 });
 *     model.compile({ optimizer, loss });
 *     await model.fit(x, y, { epochs, callbacks: [asFitCallback(scheduled(cosine(), optimizer), model)] });
 *
 * The learning rate that the optimizer has at the beginning is the schedule's base, and is put back at the end.
 */
export function scheduled(schedule: Schedule, optimizer: CnnOptimizer): TrainerCallback {
  const base = optimizer.learningRate;
  let whole: Pick<Moment, 'steps' | 'epochs'> = { steps: 0, epochs: 0 };
  const move = (step: number): void => {
    const { steps, epochs } = whole;
    if (step >= steps) return;
    const moment = { ...whole, step, epoch: Math.floor((step * epochs) / steps) };
    optimizer.setLearningRate(schedule.learningRate(base, moment));
    if (schedule.momentum) optimizer.setMomentum(schedule.momentum(moment));
  };
  return {
    onBegin({ steps, epochs, step }) {
      whole = { steps, epochs };
      move(step);
    },
    onStep({ step }) {
      move(step);
    },
    onEpoch({ step, train, test }) {
      if (!schedule.observe) return;
      schedule.observe((test ?? train).loss);
      move(step);
    },
    onEnd() {
      optimizer.setLearningRate(base);
    },
  };
}
