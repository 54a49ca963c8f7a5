/** The optimizers' kernels on every side against float64 loops, with all that penalties, clipping and ratios do to a gradient. */
import '../src/index.js';
import { gateOp } from '../src/train/optimizers/gate/gate.js';
import { lerpOp } from '../src/train/optimizers/lerp/lerp.js';
import { maxNormOp } from '../src/train/optimizers/max-norm/max-norm.js';
import { filledUniformly } from './golden-fill.js';
import { ROUNDING, Sides } from './kernel-sides.js';
import { updateOps } from './optimizers.js';

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

const penalties = { clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3 };
const none = { clip: Infinity, l1: 0, l2: 0, shrinkage: 0, rate: 0.3 };
const numbers = {
  ...{ momentum: 0.9, share: 0.1, nesterov: true, squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2 },
  ...{ beta2: 0.99, epsilon: 0.01, most: 0.5, coefficient: 0.1, weightDecay: 0.02 },
};

/** Inputs that are scalars in memory; some may be absent. */
const OPTIONAL = ['scale', 'trust', 'before'];
const isScalar = (op: string, name: string) => OPTIONAL.includes(name) || op === 'CnnClipFactor';

/** In [-1, 1]; means of squares in [0.2, 1], and means of what they are of so small that their difference stays above 0.1. */
function filled(name: string, size: number): Float32Array {
  const values = new Float32Array(size);
  if (['square', 'largest', 'delta', 'sum', 'before', 'scale'].includes(name)) return filledUniformly(values, name, 0.4, 0.6);
  return filledUniformly(values, name, name === 'mean' ? 0.3 : 1, 0);
}

// Less than a vector; some vectors and a tail; of some more than one piece of a parallel kernel.
const SIZES = [1, 3, 18];
const MANY = 40_001;
const cases = updateOps.flatMap((op) => {
  const sizes = ['CnnAdamStep', 'CnnSquareSum', 'CnnTrustRatio'].includes(op.name) ? [...SIZES, MANY] : SIZES;
  return sizes.map((size) => [op.name, size, op] as const);
});

test.each(cases)('%s of %d', async (name, size, op) => {
  const all = op.parts['forward'].inputs;
  // Numbers below 5 come of some thirty roundings. Portable sums of squares are float32: one more for each element, of at most 1 (their
  // sum), of at most a tenth (a ratio).
  const bound = ROUNDING * (150 + (name === 'CnnSquareSum' ? size * size : name === 'CnnTrustRatio' ? size / 10 : 0));
  for (const [terms, given] of [
    [penalties, all],
    [none, all.filter((input) => !OPTIONAL.includes(input))],
  ] as const) {
    const inputs = Object.fromEntries(given.map((input) => [input, filled(input, isScalar(name, input) ? 1 : size)]));
    const shapes = Object.fromEntries(given.map((input) => [input, isScalar(name, input) ? [] : [size]]));
    await sides.compare(op, 'forward', inputs, shapes, { shape: [size], size, ...terms, ...numbers } as never, () => bound);
  }
});

test.each([
  [1, 1],
  [9, 5],
  [300, 70],
])('CnnMaxNorm of [%d, %d]', async (rows, columns) => {
  const value = filledUniformly(new Float32Array(rows * columns), 'value', 1, 0);
  // The middle of the norms, so that some columns are shortened and others are not.
  const most = Math.sqrt(rows / 3);
  const shape = [rows, columns];
  // A sum of `rows` squares, its root, a quotient and a product, of numbers below 1; a column at the very limit may go either way.
  await sides.compare(
    maxNormOp,
    'forward',
    { value },
    { value: shape },
    { shape, rows, columns, most },
    () => (rows + 5) * ROUNDING,
  );
});

test.each([0.1, 1])('CnnLerp by %d', async (share) => {
  for (const size of SIZES) {
    const value = filledUniformly(new Float32Array(size), 'value', 1, 0);
    // At share 1 the mean may be anything.
    const mean = share === 1 ? new Float32Array(size).fill(NaN) : filledUniformly(new Float32Array(size), 'mean', 1, 0);
    const shapes = { mean: [size], value: [size] };
    await sides.compare(lerpOp, 'forward', { mean, value }, shapes, { shape: [size], size, share }, () => 8 * ROUNDING);
  }
});

test.each([1, 0])('CnnGate, open: %d', async (open) => {
  for (const size of SIZES) {
    const before = filledUniformly(new Float32Array(size), 'before', 1, 0);
    // What does not count may be anything.
    const value = open ? filledUniformly(new Float32Array(size), 'value', 1, 0) : new Float32Array(size).fill(NaN);
    const shapes = { value: [size], before: [size], open: [] };
    await sides.compare(
      gateOp,
      'forward',
      { value, before, open: Float32Array.of(open) },
      shapes,
      { shape: [size], size },
      () => 0,
    );
  }
});
