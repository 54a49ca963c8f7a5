/**
 * The kernels of conv2d, depthwiseConv2d and dense in JavaScript, and their compositions of tfjs ops, against
 * float64 loops.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { KernelSet, Named } from '../src/kernels.js';
import type { FusedActivation } from '../src/ops/activation/fused.js';
import { cpu as convCpu } from '../src/ops/conv2d/cpu.js';
import { type Conv2DGeometry, type Conv2DShapeOptions, conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { portable as convPortable } from '../src/ops/conv2d/portable.js';
import { reference as convReference } from '../src/ops/conv2d/reference.js';
import { cpu as denseCpu } from '../src/ops/dense/cpu.js';
import { type DenseGeometry, denseGeometry } from '../src/ops/dense/geometry.js';
import { portable as densePortable } from '../src/ops/dense/portable.js';
import { reference as denseReference } from '../src/ops/dense/reference.js';
import { cpu as depthwiseCpu } from '../src/ops/depthwise-conv2d/cpu.js';
import { type DepthwiseConv2DGeometry, depthwiseConv2dGeometry } from '../src/ops/depthwise-conv2d/geometry.js';
import { portable as depthwisePortable } from '../src/ops/depthwise-conv2d/portable.js';
import { reference as depthwiseReference } from '../src/ops/depthwise-conv2d/reference.js';
import { expectWithin } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';
import { describeIf } from './requires.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

/** Half a unit in the last place of 1: what one rounding adds at most, relatively. */
const FLOAT32 = 2 ** -24;
const FLOAT64 = 2 ** -53;

// Under jest a look at a global is slow enough to be felt in loops.
const { abs } = Math;

type Kernels<G> = Pick<KernelSet<G>, 'reference' | 'cpu' | 'portable'>;

/** One configuration: the kernels, what they read, and how many products a sum of each part has at most. */
interface Case<G extends object> {
  kernels: Kernels<G>;
  g: G & { activation: FusedActivation };
  shapes: Record<'x' | 'filter' | 'bias' | 'dy', number[]>;
  withBias: boolean;
  terms: Record<string, number>;
}

const parts = {
  forward: { reads: ['x', 'filter', 'bias'], writes: 'y', like: 'dy' },
  dx: { reads: ['dy', 'filter'], writes: 'dx', like: 'x' },
  dfilter: { reads: ['x', 'dy'], writes: 'dfilter', like: 'filter' },
  dbias: { reads: ['dy'], writes: 'dbias', like: 'bias' },
} as const;

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Every part of a case by the `cpu` kernels, and by tfjs ops on each of `backends`. */
async function check<G extends object>(
  { kernels, g, shapes, withBias, terms }: Case<G>,
  random: () => number,
  backends = ['cpu', 'wasm'],
): Promise<void> {
  const data = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, values(random, count(shape))]));
  for (const [part, { reads, writes, like }] of Object.entries(parts)) {
    const names = reads.filter((name) => name !== 'bias' || withBias);
    const inputs: Named<Float32Array> = Object.fromEntries(names.map((name) => [name, data[name]]));
    const length = count(shapes[like]);
    const exactly = (of: (value: number) => number, geometry: G): Float64Array => {
      const out = new Float64Array(length).fill(NaN);
      const wide = Object.fromEntries(names.map((name) => [name, Float64Array.from(data[name], of)]));
      kernels.reference[part](wide, { [writes]: out }, geometry);
      return out;
    };
    const expected = exactly((v) => v, g);
    // In any order a sum of n products errs by at most n roundings of the sum of their sizes. An activation does
    // not widen that, its slope being 1 at most; tfjs's own are good to 8 roundings, ours add one.
    const sizes = exactly(abs, { ...g, activation: 'linear' });
    const sums = exactly((v) => v, { ...g, activation: 'linear' });
    const smooth = part === 'forward' && g.activation !== 'linear';
    const float32 = (i: number): number => (terms[part] + 2) * FLOAT32 * sizes[i] + (smooth ? 8 * FLOAT32 : 0);
    const float64 = (i: number): number =>
      1.001 * FLOAT32 * (abs(sums[i]) + (smooth ? abs(expected[i]) : 0)) + (terms[part] + 2) * FLOAT64 * sizes[i] + 2 ** -149;

    const found = new Float32Array(length).fill(NaN);
    kernels.cpu[part](inputs, { [writes]: found }, g);
    expectWithin(`${part} by cpu`, Float64Array.from(found), expected, float64);
    for (const backend of backends) {
      await tf.setBackend(backend);
      const result = tf.tidy(() => {
        const tensors = Object.fromEntries(names.map((name) => [name, tf.tensor(inputs[name], shapes[name], 'float32')]));
        return kernels.portable[part](tensors, g) as tf.Tensor;
      });
      expect(result.shape).toEqual(shapes[like]);
      expectWithin(`${part} by tfjs ops on ${backend}`, Float64Array.from(result.dataSync()), expected, float32);
      result.dispose();
    }
  }
}

const conv = { reference: convReference, cpu: convCpu, portable: convPortable };
const depthwise = { reference: depthwiseReference, cpu: depthwiseCpu, portable: depthwisePortable };
const dense = { reference: denseReference, cpu: denseCpu, portable: densePortable };

function convCase(xShape: number[], filterShape: number[], options: Conv2DShapeOptions, withBias: boolean): Case<Conv2DGeometry> {
  const g = conv2dGeometry(xShape, filterShape, options);
  const places = g.batch * g.outHeight * g.outWidth;
  const window = g.filterHeight * g.filterWidth;
  return {
    kernels: conv,
    g,
    withBias,
    shapes: { x: xShape, filter: filterShape, bias: [g.outChannels], dy: [g.batch, g.outHeight, g.outWidth, g.outChannels] },
    terms: {
      forward: (window * g.inChannels) / g.groups + 1,
      dx: (window * g.outChannels) / g.groups,
      dfilter: places,
      dbias: places,
    },
  };
}

function depthwiseCase(
  xShape: number[],
  filterShape: number[],
  options: Conv2DShapeOptions,
  withBias: boolean,
): Case<DepthwiseConv2DGeometry> {
  const g = depthwiseConv2dGeometry(xShape, filterShape, options);
  const places = g.batch * g.outHeight * g.outWidth;
  const window = g.filterHeight * g.filterWidth;
  return {
    kernels: depthwise,
    g,
    withBias,
    shapes: { x: xShape, filter: filterShape, bias: [g.outChannels], dy: [g.batch, g.outHeight, g.outWidth, g.outChannels] },
    terms: { forward: window + 1, dx: window * g.multiplier, dfilter: places, dbias: places },
  };
}

function denseCase(
  rows: number,
  inputs: number,
  units: number,
  activation: FusedActivation,
  withBias: boolean,
): Case<DenseGeometry> {
  return {
    kernels: dense,
    g: denseGeometry([rows, inputs], [inputs, units], { activation }),
    withBias,
    shapes: { x: [rows, inputs], filter: [inputs, units], bias: [units], dy: [rows, units] },
    terms: { forward: inputs + 1, dx: units, dfilter: rows, dbias: rows },
  };
}

const activations: FusedActivation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh'];

interface Drawn {
  xShape: number[];
  filterShape: number[];
  options: Conv2DShapeOptions;
  withBias: boolean;
}

/** Strides 1 to 4, dilations 1 to 3, uneven pads, filters of 1 to 11; half the time a filter that leaves one pixel. */
function drawWindow(random: () => number, channels: number, filterChannels: number[], most: number): Drawn {
  for (;;) {
    const filter = [integer(random, 1, most), random() < 0.5 ? integer(random, 1, most) : 0];
    if (filter[1] === 0) filter[1] = filter[0];
    const options: Conv2DShapeOptions = {
      strides: [integer(random, 1, 4), integer(random, 1, 4)],
      dilations: random() < 0.6 ? 1 : [integer(random, 1, 3), integer(random, 1, 3)],
      pads: choose<Conv2DShapeOptions['pads']>(random, [
        'same',
        'valid',
        {
          top: integer(random, 0, 3),
          bottom: integer(random, 0, 4),
          left: integer(random, 0, 4),
          right: integer(random, 0, 3),
        },
      ]),
      activation: choose(random, activations),
    };
    const onePixel = random() < 0.2;
    const size = (i: number): number => (onePixel ? filter[i] : integer(random, 1, 15));
    const drawn = {
      xShape: [integer(random, 1, 3), size(0), size(1), channels],
      filterShape: [...filter, ...filterChannels],
      options,
      withBias: random() < 0.7,
    };
    try {
      depthwiseConv2dGeometry(drawn.xShape, [...filter, channels, 1], options);
      return drawn;
    } catch {
      // No output is left: draw again.
    }
  }
}

function drawConv(random: () => number): Drawn {
  const groups = choose(random, [1, 1, 2, 3]);
  const channelsIn = integer(random, 1, 9);
  const channelsOut = integer(random, 1, 9);
  const most = choose(random, [1, 3, 5, 11]);
  const drawn = drawWindow(random, groups * channelsIn, [channelsIn, groups * channelsOut], most);
  return { ...drawn, options: { ...drawn.options, groups } };
}

function drawDepthwise(random: () => number): Drawn {
  const channels = integer(random, 1, 9);
  return drawWindow(random, channels, [channels, integer(random, 1, 3)], choose(random, [1, 3, 5]));
}

const title = ({ xShape, filterShape, options, withBias }: Drawn): string =>
  `[${xShape}] with [${filterShape}]${withBias ? ' and bias' : ''}, ${JSON.stringify(options)}`;

/** What nets are made of, small, and what is easily got wrong. */
const convs: Drawn[] = [
  { xShape: [2, 28, 28, 1], filterShape: [5, 5, 1, 6], options: { pads: 2, activation: 'relu' }, withBias: true },
  { xShape: [2, 14, 14, 6], filterShape: [5, 5, 6, 16], options: {}, withBias: true },
  { xShape: [1, 23, 23, 3], filterShape: [7, 7, 3, 8], options: { strides: 2, pads: 3 }, withBias: false },
  { xShape: [1, 35, 31, 3], filterShape: [11, 11, 3, 5], options: { strides: 4, pads: 2 }, withBias: true },
  { xShape: [2, 8, 8, 16], filterShape: [1, 1, 16, 12], options: {}, withBias: true },
  { xShape: [1, 7, 7, 8], filterShape: [1, 1, 8, 6], options: { strides: 2 }, withBias: false },
  { xShape: [3, 12, 12, 20], filterShape: [3, 3, 20, 33], options: { pads: 1 }, withBias: true },
  { xShape: [1, 6, 5, 300], filterShape: [3, 3, 300, 5], options: { pads: 1 }, withBias: true },
  { xShape: [2, 9, 10, 60], filterShape: [3, 3, 60, 9], options: {}, withBias: true },
  { xShape: [2, 4, 4, 5], filterShape: [4, 4, 5, 7], options: {}, withBias: true },
  {
    xShape: [1, 6, 6, 2],
    filterShape: [3, 3, 2, 2],
    options: { strides: 5, pads: { top: 1, bottom: 0, left: 0, right: 1 } },
    withBias: false,
  },
  { xShape: [1, 9, 9, 6], filterShape: [3, 3, 1, 6], options: { groups: 6, pads: 'same' }, withBias: true },
  {
    xShape: [2, 10, 10, 6],
    filterShape: [3, 3, 2, 9],
    options: { groups: 3, dilations: 3, strides: 2, pads: 3 },
    withBias: true,
  },
  // Pads wider than the window, so that some outputs see nothing of x.
  { xShape: [1, 3, 2, 2], filterShape: [2, 2, 2, 3], options: { pads: 4, strides: 3 }, withBias: true },
];

const depthwises: Drawn[] = [
  { xShape: [2, 14, 14, 16], filterShape: [3, 3, 16, 1], options: { pads: 'same', activation: 'relu6' }, withBias: true },
  { xShape: [1, 15, 14, 10], filterShape: [3, 3, 10, 1], options: { strides: 2, pads: 1 }, withBias: false },
  { xShape: [1, 9, 9, 3], filterShape: [5, 5, 3, 4], options: { pads: 2 }, withBias: true },
  { xShape: [1, 9, 11, 5], filterShape: [3, 3, 5, 2], options: { dilations: 2, strides: [2, 1], pads: 2 }, withBias: true },
];

describe(`convolutions and dense against float64, seed ${seed}`, () => {
  const random = generator(seed);
  const drawnConvs = [...convs, ...Array.from({ length: 40 }, () => drawConv(random))];
  const drawnDepthwises = [...depthwises, ...Array.from({ length: 25 }, () => drawDepthwise(random))];

  test.each(drawnConvs.map((drawn) => [title(drawn), drawn] as const))(
    'conv2d %s',
    async (_title, { xShape, filterShape, options, withBias }) => {
      await check(convCase(xShape, filterShape, options, withBias), random);
    },
  );

  test.each(drawnDepthwises.map((drawn) => [title(drawn), drawn] as const))(
    'depthwiseConv2d %s',
    async (_title, { xShape, filterShape, options, withBias }) => {
      await check(depthwiseCase(xShape, filterShape, options, withBias), random);
    },
  );

  test.each([
    [1, 1, 1],
    [3, 5, 4],
    [64, 400, 120],
    [64, 84, 10],
    [7, 16, 9],
    [1, 300, 2],
    [200, 3, 1],
    [5, 257, 131],
  ])('dense %i x %i x %i', async (rows, inputs, units) => {
    const each = rows * inputs * units > 10_000 ? activations.slice(0, 2) : activations;
    for (const activation of each) await check(denseCase(rows, inputs, units, activation, activation !== 'linear'), random);
  });
});

describeIf('tfjs-node', `compositions of tfjs ops on TensorFlow against float64, seed ${seed}`, () => {
  const random = generator(seed);
  beforeAll(useTensorFlow);

  test.each([...convs, ...Array.from({ length: 20 }, () => drawConv(random))].map((drawn) => [title(drawn), drawn] as const))(
    'conv2d %s',
    async (_title, { xShape, filterShape, options, withBias }) => {
      await check(convCase(xShape, filterShape, options, withBias), random, [TENSORFLOW]);
    },
  );

  test.each(
    [...depthwises, ...Array.from({ length: 15 }, () => drawDepthwise(random))].map((drawn) => [title(drawn), drawn] as const),
  )('depthwiseConv2d %s', async (_title, { xShape, filterShape, options, withBias }) => {
    await check(depthwiseCase(xShape, filterShape, options, withBias), random, [TENSORFLOW]);
  });

  test('dense 64 x 84 x 10', () => check(denseCase(64, 84, 10, 'relu', true), random, [TENSORFLOW]));
});

test('what is not finite reaches the sums it belongs to', () => {
  const g = conv2dGeometry([1, 6, 6, 2], [3, 3, 2, 5], { pads: 1, activation: 'relu' });
  const random = generator(seed);
  const x = values(random, 72);
  const filter = values(random, 90);
  x[0] = NaN;
  x[71] = Infinity;
  const y = new Float32Array(180);
  const expected = new Float64Array(180);
  convCpu.forward({ x, filter }, { y }, g);
  convReference.forward({ x: Float64Array.from(x), filter: Float64Array.from(filter) }, { y: expected }, g);
  expect(Array.from(y, Number.isNaN)).toEqual(Array.from(expected, Number.isNaN));
  expect(Array.from(y, Number.isFinite)).toEqual(Array.from(expected, Number.isFinite));
  expect(Number.isNaN(y[0])).toBe(true);
});
