import type { ReadyOp } from '../src/backends/kernel-host.js';
import { adadeltaStep } from '../src/train/optimizers/adadelta-step/adadelta-step.js';
import { adagradStep } from '../src/train/optimizers/adagrad-step/adagrad-step.js';
import { adamDirection, adamStep, amsGradStep } from '../src/train/optimizers/adam-step/adam-step.js';
import { adamaxStep } from '../src/train/optimizers/adamax-step/adamax-step.js';
import { clipFactor, squareSum, trustRatio } from '../src/train/optimizers/norms/norms.js';
import { rmsPropOp } from '../src/train/optimizers/rms-prop-step/rms-prop-step.js';
import { momentumStep, sgdStep } from '../src/train/optimizers/sgd-step/sgd-step.js';

/** Every op that updates weights, or goes before it. */
export const updateOps = [
  sgdStep,
  momentumStep,
  adamStep,
  amsGradStep,
  adamDirection,
  adamaxStep,
  adagradStep,
  adadeltaStep,
  ...[false, true].flatMap((centered) => [rmsPropOp(centered, false), rmsPropOp(centered, true)]),
  squareSum,
  clipFactor,
  trustRatio,
] as ReadyOp<never>[];
