/** What the page runs of the optimizers' kernels, each against its loops in float64. */
import * as tf from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../../src/backends/kernel-host.js';
import { ROUNDING } from '../../src/inspect/error-bound.js';
import type { Named } from '../../src/kernels.js';
import { gateOp } from '../../src/train/optimizers/gate/gate.js';
import { lerpOp } from '../../src/train/optimizers/lerp/lerp.js';
import { maxNormOp } from '../../src/train/optimizers/max-norm/max-norm.js';
import { runUpdate } from '../../src/train/optimizers/update-op.js';
import { updateOps } from '../optimizers.js';
import { uniform } from './kernels.js';
import { compositionsIn } from './own-kernels.js';

const penalties = { clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3 };
const none = { clip: Infinity, l1: 0, l2: 0, shrinkage: 0, rate: 0.3 };
const numbers = {
  ...{ momentum: 0.9, share: 0.1, squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2, beta2: 0.99, epsilon: 0.01 },
  ...{ most: 0.5, coefficient: 0.1, weightDecay: 0.02 },
};

/** Whole texels and not, in one matrix, in many, in none. */
const SHAPES = [[3, 3, 5, 7], [18], [2, 6, 4], [1]];

const OPTIONAL = ['scale', 'trust', 'before'];
const isScalar = (op: string, name: string) => OPTIONAL.includes(name) || op === 'CnnClipFactor';

/** In [-1, 1]; squares and their sums in [0.2, 1], means so small that their square's distance from those stays above 0.1. */
function filled(name: string, size: number, seed: number): Float32Array {
  const values = uniform(size, seed);
  if (['square', 'largest', 'delta', 'sum', 'before', 'scale'].includes(name)) return values.map((v) => 0.6 + 0.4 * v);
  return name === 'mean' ? values.map((v) => 0.3 * v) : values;
}

/** Runs the op here and in float64; what is off by more than `bound`, and what of tfjs's own it went through. */
async function compared(
  op: ReadyOp<never>,
  values: Named<Float32Array>,
  shapeOf: (name: string) => number[],
  geometry: object,
  bound: number,
): Promise<string[]> {
  const { outputs } = op.parts['forward']!;
  const sizes = Object.entries(outputs).map(([name, shape]) => [name, tf.util.sizeFromShape(shape(geometry as never))] as const);
  const expected = Object.fromEntries(sizes.map(([name, size]) => [name, new Float64Array(size)]));
  const wide = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, Float64Array.from(v)]));
  op.kernels.reference['forward']!(wide, expected, geometry as never);
  const tensors = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, tf.tensor(v, shapeOf(name))]));
  let made: tf.Tensor[] = [];
  const composed = await compositionsIn(() => {
    made = runUpdate(op, tensors, geometry as never);
  });
  const found = made.map((tensor) => tensor.dataSync());
  tf.dispose([tensors, made]);
  const wrong = sizes.flatMap(([name], k) => {
    const off = found[k]!.map((v, i) => (Object.is(v, expected[name]![i]!) ? 0 : Math.abs(v - expected[name]![i]!)));
    const worst = Math.max(...off);
    return worst <= bound ? [] : [`${op.name} ${name} ${JSON.stringify(geometry)}: off by ${worst}`];
  });
  return composed.length === 0 ? wrong : [...wrong, `${op.name} is composed of ${composed}`];
}

/** Updates of weights, with and without what is optional. */
export async function updates(): Promise<string[]> {
  const complaints: string[] = [];
  for (const op of updateOps) {
    for (const shape of SHAPES) {
      for (const nesterov of [true, false]) {
        for (const [terms, damaged] of [
          [penalties, false],
          [penalties, true],
          [none, false],
        ] as const) {
          const size = tf.util.sizeFromShape(shape);
          const given = op.parts['forward']!.inputs.filter((name) => terms === penalties || !OPTIONAL.includes(name));
          const values = Object.fromEntries(
            given.map((name, i) => [name, filled(name, isScalar(op.name, name) ? 1 : size, i + 1)]),
          );
          // Gradients that are not finite must show: a loss scaler looks for them.
          if (damaged) values['gradient']?.set([NaN], size - 1);
          // Numbers below 5 come of some thirty roundings, of a root and a quotient that GLSL lets be a few off; a sum of squares of one
          // more for each, of at most 1 (their sum), of at most a tenth (a ratio).
          const more = op.name === 'CnnSquareSum' ? size * size : op.name === 'CnnTrustRatio' ? size / 10 : 0;
          const shapeOf = (name: string) => (isScalar(op.name, name) ? [] : shape);
          const geometry = { shape, size, ...terms, ...numbers, nesterov };
          complaints.push(...(await compared(op, values, shapeOf, geometry, (150 + more) * ROUNDING)));
        }
      }
    }
  }
  return complaints;
}

/** What looks at a weight beside its update: limits of units, averages, gates. */
export async function otherUpdates(): Promise<string[]> {
  const complaints: string[] = [];
  for (const shape of SHAPES) {
    const size = tf.util.sizeFromShape(shape);
    const [value, other, nothing] = [uniform(size, 1), uniform(size, 2), new Float32Array(size).fill(NaN)];
    const check = async (op: unknown, values: Named<Float32Array>, geometry: object, bound: number) => {
      const shapeOf = (name: string) => (name === 'open' ? [] : shape);
      complaints.push(...(await compared(op as ReadyOp<never>, values, shapeOf, { shape, size, ...geometry }, bound)));
    };
    // Units of the last axis and of the last two. The limit is the middle of the norms: some are shortened, others not.
    for (const axes of [1, 2]) {
      const columns = tf.util.sizeFromShape(shape.slice(-axes));
      const rows = size / columns;
      await check(maxNormOp, { value }, { rows, columns, most: Math.sqrt(rows / 3) }, (rows + 20) * ROUNDING);
    }
    // At share 1 the mean may be anything.
    for (const share of [0.1, 1]) await check(lerpOp, { mean: share === 1 ? nothing : other, value }, { share }, 8 * ROUNDING);
    for (const open of [1, 0]) {
      await check(gateOp, { value: open ? value : nothing, before: other, open: Float32Array.of(open) }, {}, 0);
    }
  }
  return complaints;
}
