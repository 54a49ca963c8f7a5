/** Custom gradients against tf's built-in ones, the float64 reference and central differences. */
import * as tf from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import type { Named } from '../kernels.js';
import { differentiableInputs } from '../op-gradients.js';
import { seededRandom } from '../random.js';
import { type Comparison, compare } from './comparison.js';
import { functionDifferences, referenceDifferences } from './differences.js';
import { errorBounds, ROUNDING } from './error-bound.js';
import { type AnyOp, type ReferenceCall, referenceCall, referenceForward, referenceGradients } from './reference-run.js';
import { type Place, tensorAt, withTensors } from './tensor-arguments.js';

/** What a gradient can be held against. */
export type Oracle = 'builtin' | 'reference' | 'differences';

/** Options of validateGradients. */
export interface ValidateOptions {
  /** Default: all that can be had: 'reference' for an op of this package, 'builtin' where it is given, 'differences' always. */
  against?: Oracle | readonly Oracle[];
  /** The same function of tf's own ops, whose gradients tfjs computes; takes the same arguments. */
  builtin?: (...args: never[]) => tf.Tensor;
  /** Products in the longest sum of the function or its gradient; the error bounds grow with it. Default: elements of the largest input. */
  terms?: number;
  /** Elements of each input whose gradient is checked by differences; default 64, drawn by the seed. */
  samples?: number;
  /** Of dy, of the samples and of the perturbations behind the bounds. Default 1. */
  seed?: number;
}

/** The result of a validation. */
export interface GradientReport {
  /** Whether every comparison passed. */
  passed: boolean;
  /** Name of the backend that computed the gradients. */
  backend: string;
  /** One for each input and oracle, and for y against the reference. */
  comparisons: Comparison[];
  /** The comparisons as a table. */
  toString(): string;
}

/** Whether f was made by defineOp. */
function isOp(f: unknown): f is AnyOp {
  return typeof f === 'function' && 'definition' in f;
}

/**
 * Validates the gradients of an op of this package, or of any differentiable function, on the current
 * backend: random dy, then every gradient against each oracle, element by element, with a bound of its own
 * for each element.
 *
 * @param f      an op (`conv2d`, ...), or a function of tensors that gives one float32 tensor
 * @param args   its arguments; gradients are checked for all float32 tensors among them, inside arrays and options
 *               too (a bias, say), of an op for those that have a gradient
 * @returns      a report: per input and oracle the worst element, its index, both values and the bound
 * @throws ArgumentError where an oracle is asked for that cannot be had
 */
export async function validateGradients(
  f: AnyOp | ((...args: never[]) => tf.Tensor),
  args: readonly unknown[],
  options: ValidateOptions = {},
): Promise<GradientReport> {
  const { builtin, seed = 1, samples = 64 } = options;
  const oracles = chooseOracles(f, options);
  const call = isOp(f) ? await referenceCall(f, args) : undefined;
  const wrt = differentiable(f, args);
  if (wrt.length === 0)
    throw new ArgumentError('validateGradients: args must hold at least one float32 tensor that has a gradient');
  const terms = options.terms ?? Math.max(...wrt.map(({ argument }) => tensorAt(args, argument).size));

  const y = asFunction(f)(...(args as never[]));
  const dy = tf.tensor(randomValues(y.size, seed), y.shape);
  const found = await gradients(asFunction(f), args, wrt, dy);
  const comparisons: Comparison[] = [];
  if (call && oracles.includes('reference')) comparisons.push(...(await againstReference(call, y, dy, found, terms, seed)));
  if (builtin) {
    const expected = await gradients(builtin as AnyFunction, args, wrt, dy);
    for (const { name, shape, values } of found) {
      const other = expected.find((gradient) => gradient.name === name)!.values;
      const bounds = values.map((_, i) => 8 * (terms + 2) * ROUNDING * (Math.abs(other[i]!) + spread(other)));
      comparisons.push(compare('builtin', `d${name}`, shape, values, other, bounds));
    }
  }
  if (oracles.includes('differences')) {
    for (const { name, shape, values, argument } of found) {
      const { expected, bounds, elements } = call
        ? await referenceDifferences(call, name, await dy.data(), samples, seed)
        : await functionDifferences(asFunction(f), args, argument, dy, samples, seed);
      const relative = bounds.map(
        (bound, i) => bound + (call ? (terms + 2) * ROUNDING * 4 * (Math.abs(expected[i]!) + spread(values)) : 0),
      );
      comparisons.push(compare('differences', `d${name}`, shape, values, expected, relative, elements));
    }
  }
  tf.dispose([y, dy]);
  return report(comparisons);
}

type AnyFunction = (...args: unknown[]) => tf.Tensor;

/** One gradient of f, and which argument it belongs to. */
interface Gradient {
  name: string;
  argument: Place;
  shape: number[];
  values: Float64Array;
}

function chooseOracles(f: unknown, { against, builtin }: ValidateOptions): readonly Oracle[] {
  const wanted = against === undefined ? undefined : typeof against === 'string' ? [against] : against;
  if (!wanted) return isOp(f) ? ['reference', 'differences'] : ['differences'];
  for (const oracle of wanted) {
    if (!['builtin', 'reference', 'differences'].includes(oracle)) {
      throw new ArgumentError(`validateGradients: against must be 'builtin', 'reference' or 'differences', got '${oracle}'`);
    }
  }
  if (wanted.includes('reference') && !isOp(f)) {
    throw new ArgumentError(
      "validateGradients: against 'reference' needs an op of this package; a function has no float64 loops",
    );
  }
  if (wanted.includes('builtin') && !builtin) {
    throw new ArgumentError("validateGradients: against 'builtin' needs the option builtin, the same function of tf's own ops");
  }
  return wanted;
}

/** An op's first output; a function as it is. */
function asFunction(f: AnyOp | ((...args: never[]) => tf.Tensor)): AnyFunction {
  return (...args) => {
    const result = (f as (...all: unknown[]) => unknown)(...args);
    return (result instanceof tf.Tensor ? result : Object.values(result as object)[0]) as tf.Tensor;
  };
}

/** The tensors to differentiate by: an op's inputs that have a gradient, a function's float32 arguments. */
function differentiable(f: unknown, args: readonly unknown[]): { name: string; argument: Place }[] {
  const found: { name: string; argument: Place }[] = [];
  const names = isOp(f) ? nameOf(f, args) : undefined;
  args.forEach((arg, i) => {
    const entries: [unknown, Place, string][] = [[arg, [i], `x${i}`]];
    if (arg && typeof arg === 'object' && !(arg instanceof tf.Tensor)) {
      for (const [key, value] of Object.entries(arg)) entries.push([value, [i, key], key]);
    }
    for (const [value, argument, fallback] of entries) {
      if (!(value instanceof tf.Tensor) || value.dtype !== 'float32') continue;
      const name = names ? names.get(value.id) : fallback;
      if (name) found.push({ name, argument });
    }
  });
  return found;
}

/** The op's own names of the tensors among its arguments that have a gradient. */
function nameOf(op: AnyOp, args: readonly unknown[]): Map<number, string> {
  const { prepare } = op.definition as unknown as {
    prepare(...all: unknown[]): { inputs: Record<string, tf.Tensor | undefined> };
  };
  const given = differentiableInputs(op.definition as never);
  const names = new Map<number, string>();
  for (const [name, tensor] of Object.entries(prepare(...args).inputs)) if (tensor && given.has(name)) names.set(tensor.id, name);
  return names;
}

async function gradients(
  f: AnyFunction,
  args: readonly unknown[],
  wrt: { name: string; argument: Place }[],
  dy: tf.Tensor,
): Promise<Gradient[]> {
  const results = tf.grads((...tensors: tf.Tensor[]) =>
    f(
      ...withTensors(
        args,
        wrt.map(({ argument }) => argument),
        tensors,
      ),
    ),
  )(
    wrt.map(({ argument }) => tensorAt(args, argument)),
    dy,
  );
  const found = wrt.map(async ({ name, argument }, i) => ({
    name,
    argument,
    shape: results[i]!.shape,
    values: Float64Array.from(await results[i]!.data()),
  }));
  const all = await Promise.all(found);
  tf.dispose(results);
  return all;
}

async function againstReference(
  call: ReferenceCall,
  y: tf.Tensor,
  dy: tf.Tensor,
  found: Gradient[],
  terms: number,
  seed: number,
): Promise<Comparison[]> {
  const wide = Float64Array.from(await dy.data());
  const first = Object.keys(call.op.definition.forward.outputs)[0]!;
  // Inputs that choose are exact: a place that is a little off is another place.
  const chosen = Object.fromEntries((call.op.definition.choices ?? []).map((name) => [name, call.inputs[name]!]));
  const rounded = Object.fromEntries(Object.entries(call.inputs).filter(([name]) => !chosen[name]));
  const withAll = (inputs: Named<Float64Array>) => ({ ...call, inputs: { ...inputs, ...chosen } });
  const forward = (inputs: Named<Float64Array>) => ({ y: referenceForward(withAll(inputs))[first]! });
  const backward = ({ dy: given, ...inputs }: Named<Float64Array>) => referenceGradients(withAll(inputs), given!);
  const expected = { ...forward(call.inputs), ...referenceGradients(call, wide) } as Named<Float64Array>;
  const bounds = {
    ...errorBounds(forward, rounded, terms, seed),
    ...errorBounds(backward, { ...rounded, dy: wide }, terms, seed),
  };
  const results = [compare('reference', first, y.shape, Float64Array.from(await y.data()), expected['y']!, bounds['y']!)];
  for (const { name, shape, values } of found)
    results.push(compare('reference', `d${name}`, shape, values, expected[name]!, bounds[name]!));
  return results;
}

function randomValues(size: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => 2 * random() - 1);
}

/** Root mean square: the scale of what was summed, where single elements cancel. */
function spread(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / Math.max(1, values.length));
}

function report(comparisons: Comparison[]): GradientReport {
  const backend = tf.getBackend();
  const passed = comparisons.every((comparison) => comparison.passed);
  return { passed, backend, comparisons, toString: () => comparisons.map(line).join('\n') };
}

/** One comparison as a line of text. */
export function line({ against, what, passed, count, failures, worst }: Comparison): string {
  const { index, found, expected, error, bound } = worst;
  const number = (value: number) => (Number.isFinite(value) ? value.toPrecision(7) : String(value));
  return (
    `${passed ? 'ok  ' : 'FAIL'} ${what.padEnd(9)} against ${against.padEnd(11)} ${failures} of ${count} beyond their bound; ` +
    `worst at [${index}]: ${number(found)}, expected ${number(expected)}, error ${error.toExponential(1)}, bound ${bound.toExponential(1)}`
  );
}
