import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { Named } from '../../kernels.js';
import type { UpdateGeometry } from './update-op.js';

type Run = TensorflowRunner;

/** a b, where b is a number; a itself where it is 1. */
export function times(run: Run, a: Value, b: number): Value {
  return b === 1 ? a : run.op('Mul', [a, run.number(b)]);
}

/** mean + share (value - mean). */
export function lerp(run: Run, mean: Value, value: Value, share: number): Value {
  return run.op('AddV2', [mean, times(run, run.op('Sub', [value, mean]), share)]);
}

/** The gradient: clipped after `scale`, with what the penalties add. */
export function penalized(run: Run, { gradient, value, scale }: Named<Value>, { clip, l1, l2 }: UpdateGeometry): Value {
  let g = scale ? run.op('Mul', [gradient!, scale]) : gradient!;
  if (clip < Infinity) g = run.op('ClipByValue', [g, run.number(-clip), run.number(clip)]);
  if (l2 !== 0) g = run.op('AddV2', [g, times(run, value!, l2)]);
  return l1 === 0 ? g : run.op('AddV2', [g, times(run, run.op('Sign', [value!]), l1)]);
}

/** value - (rate direction + shrinkage value); the first value 0 where fromZero. */
export function moved(run: Run, value: Value, direction: Value, { rate, shrinkage }: UpdateGeometry, fromZero = false): Value {
  const step = times(run, direction, rate);
  const lost = shrinkage === 0 ? step : run.op('AddV2', [step, times(run, value, shrinkage)]);
  return fromZero ? run.op('Neg', [lost]) : run.op('Sub', [value, lost]);
}
