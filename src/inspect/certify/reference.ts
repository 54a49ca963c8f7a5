import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import { ROUNDING } from '../error-bound.js';
import { float64Values, roundingKernels, useFloat64 } from './float64-backend.js';
import { RoundingNoise } from './rounding-noise.js';
import { type CertifyTask, recordTraining, type TrainingRecord, type Values } from './training-record.js';

/** Trainings with noise. Each gives as many random deviations as there are numbers; the largest of a tensor stands for the worst. */
const TRIALS = 3;

/** The largest of a few random deviations falls short of the worst one by a small factor. */
const MARGIN = 4;

/** The training in float64, and how far one in float32 may lie from it. */
export interface Reference {
  /** In float64, without noise. */
  readonly exact: TrainingRecord;
  /** Largest difference allowed of each step's loss. */
  readonly lossBounds: readonly number[];
  /** Largest difference allowed of the first step's gradients, by weight. */
  readonly gradientBounds: Readonly<Record<string, number>>;
  /** Largest difference allowed of the weights after the last step. */
  readonly weightBounds: Readonly<Record<string, number>>;
  /** Kernels of tfjs in it that know float32 only; none in nets of this package's layers. */
  readonly roundingKernels: readonly string[];
}

/**
 * Trains in float64, once exactly and a few times with the roundings of float32 put into every kernel: how much those move losses, gradients
 * and weights is what any right float32 backend may move them, kinks of relu and growth from step to step included.
 */
export async function referenceTraining(task: CertifyTask): Promise<Reference> {
  const before = getBackend();
  try {
    const run = async (noise?: RoundingNoise) => {
      await useFloat64(noise);
      return recordTraining(task, async (tensor) => float64Values(tensor));
    };
    const exact = await run();
    const bounds = boundsOf(exact);
    for (let trial = 1; trial <= TRIALS; trial++) bounds.add(await run(new RoundingNoise(trial, task.batchSize)));
    return { exact, ...bounds.all(), roundingKernels: roundingKernels() };
  } finally {
    await useFloat64();
    if (before) await setBackend(before);
  }
}

/** The largest difference of two arrays; NaN where one of them has one alone. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : NaN;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(largest)) return NaN;
  }
  return largest;
}

/** The largest magnitude. */
export function largest(values: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) found = Math.max(found, Math.abs(values[i]!));
  return found;
}

type Named = Readonly<Record<string, Values>>;

function boundsOf(exact: TrainingRecord) {
  // Each number is rounded at least once, where it is stored.
  const start = (values: ArrayLike<number>) => 2 * ROUNDING * largest(values);
  const startAll = (values: Named) => Object.fromEntries(Object.entries(values).map(([name, of]) => [name, start(of)]));
  const lossBounds = exact.losses.map((loss) => start([loss]));
  const gradientBounds = startAll(exact.gradients);
  const weightBounds = startAll(exact.weights);
  const widen = (bounds: Record<string, number>, from: Named, noisy: Named) => {
    for (const name in bounds) bounds[name] = Math.max(bounds[name]!, MARGIN * largestDifference(from[name]!, noisy[name]!));
  };
  return {
    add(noisy: TrainingRecord): void {
      // One number a step may be near by chance; what it was moved by before, it may be moved by again.
      let moved = 0;
      noisy.losses.forEach((loss, step) => {
        moved = Math.max(moved, Math.abs(loss - exact.losses[step]!));
        lossBounds[step] = Math.max(lossBounds[step]!, MARGIN * moved);
      });
      widen(gradientBounds, exact.gradients, noisy.gradients);
      widen(weightBounds, exact.weights, noisy.weights);
    },
    all: () => ({ lossBounds, gradientBounds, weightBounds }),
  };
}
