import { textTable } from '../text-table.js';
import { largest, largestDifference, type Reference } from './reference.js';
import type { TrainingRecord } from './training-record.js';

/** How far something is from the float64 reference. */
export interface Deviation {
  /** A weight's name, or the step, from 1. */
  readonly name: string;
  /** Largest difference of an element. */
  readonly difference: number;
  /** Largest magnitude of the reference's elements. */
  readonly largest: number;
  /** Largest difference that float32 explains. */
  readonly bound: number;
}

/** What one backend's training is worth. */
export interface BackendCertificate {
  /** Name of tfjs's backend, or what it was called by. */
  readonly backend: string;
  /** What it ran on, where the backend tells. */
  readonly adapter?: string;
  /** No difference is beyond its bound. */
  readonly passed: boolean;
  /** Of every step's loss. */
  readonly losses: readonly Deviation[];
  /** Of every weight's gradient in the first step. */
  readonly gradients: readonly Deviation[];
  /** Of every weight after the last step. */
  readonly weights: readonly Deviation[];
}

/** The same steps on every backend, against float64. */
export interface Certificate {
  /** Every backend passed. */
  readonly passed: boolean;
  /** Steps taken. */
  readonly steps: number;
  /** A backend each. */
  readonly backends: readonly BackendCertificate[];
  /** Kernels of tfjs in the reference that know float32 only; none in nets of this package's layers. */
  readonly roundingKernels: readonly string[];
}

/** Part of its bound that a deviation uses; above 1, or NaN, it is beyond. */
export const shareOf = ({ difference, bound }: Deviation): number => (difference === 0 ? 0 : difference / bound);

/** The deviation that uses most of its bound; NaN is worse than all. */
export function worst(deviations: readonly Deviation[]): Deviation {
  return deviations.reduce((most, each) => (shareOf(each) <= shareOf(most) || Number.isNaN(shareOf(most)) ? most : each));
}

/** Holds what a backend gave against the reference. */
export function certificateOf({ exact, ...bounds }: Reference, found: TrainingRecord): BackendCertificate {
  const { backend, adapter } = found;
  const losses = exact.losses.map((loss, step) => ({
    name: `step ${step + 1}`,
    difference: Math.abs(loss - (found.losses[step] ?? NaN)),
    largest: Math.abs(loss),
    bound: bounds.lossBounds[step]!,
  }));
  const named = (from: TrainingRecord['weights'], other: TrainingRecord['weights'], within: Readonly<Record<string, number>>) =>
    Object.entries(from).map(([name, values]) => ({
      name,
      difference: largestDifference(values, other[name] ?? []),
      largest: largest(values),
      bound: within[name]!,
    }));
  const gradients = named(exact.gradients, found.gradients, bounds.gradientBounds);
  const weights = named(exact.weights, found.weights, bounds.weightBounds);
  const passed = [...losses, ...gradients, ...weights].every((each) => shareOf(each) <= 1);
  return { backend, ...(adapter !== undefined && { adapter }), passed, losses, gradients, weights };
}

/**
 * A line a backend: the largest differences of losses, gradients and weights, those that use most of their bound.
 * @returns lines of text
 */
export function formatCertificate({ steps, backends, passed, roundingKernels }: Certificate): string[] {
  const last = `weights after ${steps} step${steps === 1 ? '' : 's'}`;
  const heads = ['backend', 'loss', 'gradients of step 1', last, 'of the bound', 'verdict', 'on'];
  const rows = backends.map(({ backend, adapter = '', losses, gradients, weights, passed: fine }) => {
    const kinds = [losses, gradients, weights].map(worst);
    const shares = kinds.map(shareOf);
    const most = shares.some(Number.isNaN) ? NaN : Math.max(...shares);
    const cells = kinds.map(({ difference, name }) => `${difference.toExponential(1)} (${name})`);
    return [backend, ...cells, Number.isFinite(most) ? `${(100 * most).toPrecision(2)} %` : '-', fine ? 'ok' : 'BEYOND', adapter];
  });
  const failed = backends.filter((each) => !each.passed);
  return [
    ...textTable([heads, ...rows], ['of the bound']),
    '',
    'largest differences from float64, each where most of its bound is used; the bound is what the roundings of float32 can do',
    ...(roundingKernels.length > 0
      ? [`the reference itself rounds in ${roundingKernels.join(', ')}: tfjs has them in float32 only`]
      : []),
    passed
      ? `all ${backends.length} backends train alike`
      : `beyond the bound: ${failed.map(({ backend }) => backend).join(', ')}`,
  ];
}
