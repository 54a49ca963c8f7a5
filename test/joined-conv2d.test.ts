/** Convolutions side by side in one tensor: equal to conv2d's and a concatenation to the bit, on every side and tape. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { type ConvolutionBranch, concatChannels, conv2d, type FusedActivation, joinedConv2d } from '../src/index.js';
import type { Named } from '../src/kernels.js';
import { activation } from '../src/ops/activation/activation.js';
import { fusedActivation } from '../src/ops/activation/fused.js';
import { activationGeometry } from '../src/ops/activation/geometry.js';
import { type Conv2DGeometry, conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { joinedConv2dGeometry } from '../src/ops/joined-conv2d/geometry.js';
import { joinedConv2dOp } from '../src/ops/joined-conv2d/joined-conv2d.js';
import { expectWithin, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';

/** A branch by its sizes: x [height, width, channels], filter [kh, kw, channels / groups, out] and options; or channels of a tensor. */
interface Sizes extends Omit<ConvolutionBranch, 'x' | 'filter' | 'bias'> {
  x: [number, number, number];
  filter: [number, number, number, number];
  bias?: boolean;
}
type Branch = Sizes | number;

const BATCH = 2;
const SIDE = [9, 11] as const;
const { sizeFromShape } = tf.util;

/** Every way that conv2d's kernels go; channels odd, so that offsets are no multiples of a vector. */
const convolutions: Named<Sizes> = {
  '1x1': { x: [...SIDE, 7], filter: [1, 1, 7, 5], bias: true },
  '1x1 of a whole panel and more': { x: [...SIDE, 5], filter: [1, 1, 5, 17] },
  '3x3 by Winograd': { x: [...SIDE, 18], filter: [3, 3, 18, 19], pads: 1, bias: true },
  '3x3 by Winograd of few tiles and many channels': { x: [...SIDE, 180], filter: [3, 3, 180, 168], pads: 1 },
  '3x3 of few channels': { x: [...SIDE, 4], filter: [3, 3, 4, 3], pads: 1 },
  '5x5': { x: [...SIDE, 6], filter: [5, 5, 6, 10], pads: 2, bias: true },
  'stride 2': { x: [17, 21, 5], filter: [3, 3, 5, 3], strides: 2, pads: 1 },
  dilated: { x: [...SIDE, 3], filter: [3, 3, 3, 10], dilations: 2, pads: 2, bias: true },
  grouped: { x: [...SIDE, 6], filter: [3, 3, 2, 9], groups: 3, pads: 1, bias: true },
  depthwise: { x: [...SIDE, 5], filter: [3, 3, 1, 10], groups: 5, pads: 1 },
  'stem of three channels': { x: [20, 24, 3], filter: [7, 7, 3, 5], strides: 2, pads: 2, bias: true },
  'stem of one channel': { x: [13, 15, 1], filter: [5, 5, 1, 3], bias: true },
};
const activations = Object.keys(fusedActivation) as FusedActivation[];

/** The geometry of a convolution alone. */
function geometryOf({ x, filter, bias, ...options }: Sizes, kind: FusedActivation): Conv2DGeometry {
  return conv2dGeometry([BATCH, ...x], filter, { ...options, activation: kind, ...(bias && { biasShape: [filter[3]] }) });
}

/** Shapes of the inputs of conv2d, by name. */
function shapesOf({ x, filter, bias }: Sizes): Named<number[]> {
  return { x: [BATCH, ...x], filter, ...(bias && { bias: [filter[3]] }) };
}

const random = generator(seed);
const filled = (shapes: Named<number[]>): Named<Float32Array> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, values(random, sizeFromShape(shape))]));

describe(`kernels (seed ${seed})`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  test.each(Object.entries(convolutions))(
    '%s writes its channels of a wider tensor, and nothing beside them',
    async (_, sizes) => {
      const [before, behind] = [3, 2];
      const kind = choose(random, activations);
      const g = { ...geometryOf(sizes, kind), outPitch: before + sizes.filter[3] + behind };
      const { parts, kernels } = conv2d.definition;
      const y = [BATCH, ...SIDE, g.outPitch];
      const beside = {
        name: 'conv2d in a wider tensor',
        parts: { forward: { ...parts['forward']!, outputs: { y: () => y } } },
        kernels: {
          reference: {},
          cpu: {
            forward: (inputs: Named<Float32Array>, { y: wide }: Named<Float32Array>, own: typeof g) =>
              kernels.cpu['forward']!(inputs, { y: wide!.subarray(before) }, own),
          },
          wasmCnn: {
            forward: (inputs, { y: wide }, own, wasm) =>
              kernels.wasmCnn['forward']!(inputs, { y: wide! + 4 * before }, own, wasm),
          },
          portable: {
            forward: (inputs, own) =>
              tf.pad(
                kernels.portable['forward']!(inputs, own) as tf.Tensor4D,
                [
                  [0, 0],
                  [0, 0],
                  [0, 0],
                  [before, behind],
                ],
                NaN,
              ),
          },
        } as typeof kernels,
      };
      const shapes = shapesOf(sizes);
      const inputs = filled(shapes);
      const alone = await sides.run(conv2d.definition, 'forward', inputs, shapes, geometryOf(sizes, kind));
      const found = await sides.run(beside, 'forward', inputs, shapes, g);
      for (const side in found) {
        const expected = new Float64Array(sizeFromShape(y)).fill(NaN);
        const own = sizes.filter[3];
        alone[side]!['y']!.forEach((value, i) => {
          expected[Math.floor(i / own) * g.outPitch + before + (i % own)] = value;
        });
        expectWithin(`${kind} by ${side}`, found[side]!['y']!, expected, () => 0);
      }
    },
  );

  test.each(activations)('dy is cut into the gradients before %s', async (kind) => {
    const [first, , last] = [convolutions['1x1']!, 3, convolutions['5x5']!];
    const shapes = {
      x0: [BATCH, ...first.x],
      filter0: first.filter,
      x1: [BATCH, ...SIDE, 3],
      x2: [BATCH, ...last.x],
      filter2: last.filter,
    };
    const tensors = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, rank: shape.length }]));
    const g = joinedConv2dGeometry(tensors as never, [first, {}, last], kind);
    const whole = [BATCH, ...SIDE, g.total];
    const cells = { dy: values(random, sizeFromShape(whole)), y: values(random, sizeFromShape(whole)).map((v) => 0.9 * v) };
    const found = await sides.run(joinedConv2dOp('CTC').definition, 'shared', cells, { dy: whole, y: whole }, g);
    for (const i of [0, 2]) {
      const own = (all: Float32Array) =>
        all.filter((_, at) => (at % g.total) - g.offsets[i]! >= 0 && (at % g.total) - g.offsets[i]! < g.channels[i]!);
      const shape = [BATCH, ...SIDE, g.channels[i]!];
      const pieces = { dy: own(cells.dy), y: own(cells.y) };
      const alone = await sides.run(
        activation.definition,
        'dx',
        pieces,
        { dy: shape, y: shape },
        activationGeometry(kind, shape),
      );
      for (const side in found) expectWithin(`dy${i} by ${side}`, found[side]![`dy${i}`]!, alone[side]!['dx']!, () => 0);
    }
  });
});

/** A convolution's tensors, or one tensor of so many channels. */
function tensorsOf(branch: Branch): ConvolutionBranch | tf.Tensor4D {
  const tensor = (shape: number[]) => tf.tensor(values(random, sizeFromShape(shape)), shape);
  if (typeof branch === 'number') return tensor([BATCH, ...SIDE, branch]) as tf.Tensor4D;
  const { x, filter, bias, ...options } = branch;
  return {
    ...options,
    x: tensor([BATCH, ...x]) as tf.Tensor4D,
    filter: tensor(filter) as tf.Tensor4D,
    ...(bias && { bias: tensor([filter[3]]) as tf.Tensor1D }),
  };
}

type Branches = readonly (ConvolutionBranch | tf.Tensor4D)[];

const inputsOf = (branches: Branches): tf.Tensor[] =>
  branches.flatMap((branch) =>
    branch instanceof tf.Tensor ? [branch] : [branch.x, branch.filter, ...(branch.bias ? [branch.bias] : [])],
  );

/** The branches with other tensors, in the order of inputsOf. */
function withInputs(branches: Branches, tensors: readonly tf.Tensor[]): Branches {
  const rest = [...tensors] as never[];
  return branches.map((branch) => {
    if (branch instanceof tf.Tensor) return rest.shift()!;
    return { ...branch, x: rest.shift()!, filter: rest.shift()!, ...(branch.bias && { bias: rest.shift()! }) };
  });
}

function separately(branches: Branches, kind: FusedActivation): tf.Tensor {
  return concatChannels(
    branches.map((branch) => {
      if (branch instanceof tf.Tensor) return branch;
      const { x, filter, ...options } = branch;
      return conv2d(x, filter, { ...options, activation: kind });
    }),
  );
}

const bits = (tensor: tf.Tensor): Int32Array => new Int32Array((tensor.dataSync() as Float32Array).slice().buffer);

function expectEqual(all: readonly Branch[], kind: FusedActivation): void {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const branches = all.map(tensorsOf);
    const inputs = inputsOf(branches);
    const single = (...t: tf.Tensor[]) => separately(withInputs(branches, t), kind);
    const dyShape = single(...inputs).shape;
    const dy = tf.tensor(values(random, sizeFromShape(dyShape)), dyShape);
    const expected = tf.valueAndGrads(single)(inputs, dy);
    const joined = (...t: tf.Tensor[]): tf.Tensor => joinedConv2d(withInputs(branches, t), { activation: kind });
    const found = tf.valueAndGrads(joined)(inputs, dy);
    for (const [i, tensor] of [found.value, ...found.grads].entries()) {
      const other = [expected.value, ...expected.grads][i]!;
      expect(tensor.shape).toEqual(other.shape);
      expect(bits(tensor)).toEqual(bits(other));
    }
  });
  expect(tf.memory().numTensors).toBe(before);
}

describe.each(['cpu', 'wasm-cnn', 'wasm'])(`on the tape of %s (seed ${seed})`, (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(Object.entries(convolutions))('%s between others equals conv2d and concatChannels to the bit', (_, sizes) => {
    expectEqual([convolutions['1x1']!, sizes, 3, convolutions['5x5']!], 'relu');
  });

  test.each(activations)('%s, any branches', (kind) => {
    const small: Branch[] = Object.values(convolutions).filter(({ filter }) => filter[3] < 100);
    const some = Array.from({ length: integer(random, 1, 5) }, () => choose(random, [3, 10, ...small]));
    expectEqual([...some, choose(random, small)], kind);
  });

  test('one tensor in several branches gets the sum of their gradients', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2], [1, 1, 1, 2]);
      const filter = tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]);
      const thrice = (t: tf.Tensor) => {
        const same = t as tf.Tensor4D;
        return joinedConv2d([{ x: same, filter }, same, { x: same, filter }]);
      };
      const dx = tf.grad(thrice)(x, tf.tensor4d([1, 2, 10, 20, 100, 200], [1, 1, 1, 6]));
      expect(Array.from(dx.dataSync())).toEqual([111, 222]);
    });
  });

  test('what nobody asks for is not computed', async () => {
    const branches = [convolutions['1x1']!, 3, convolutions['5x5']!].map(tensorsOf);
    const inputs = inputsOf(branches);
    const ran = async (i: number): Promise<string[]> => {
      const { kernelNames } = await tf.profile(() =>
        tf.grad((t: tf.Tensor) =>
          joinedConv2d(
            withInputs(
              branches,
              inputs.map((other, k) => (k === i ? t : other)),
            ),
          ),
        )(inputs[i]!),
      );
      return kernelNames
        .filter((name) => name.startsWith('CnnJoinedConv2D'))
        .map((name) => name.slice('CnnJoinedConv2DCTC'.length))
        .sort();
    };
    expect(await ran(1)).toEqual(['', 'Dfilter0', 'Shared']);
    expect(await ran(3)).toEqual(['', 'Dx1', 'Shared']);
    expect(await ran(6)).toEqual(['', 'Dbias2', 'Shared']);
    tf.dispose(inputs);
  });
});

describe('wrong arguments are named', () => {
  const x = (height = 4, width = 4, channels = 2) => tf.zeros<tf.Rank.R4>([1, height, width, channels]);
  const filter = (size = 1, channels = 2) => tf.zeros<tf.Rank.R4>([size, size, channels, 3]);

  test.each<[string, () => unknown, RegExp]>([
    [
      'no array',
      () => joinedConv2d(x() as never),
      /joinedConv2d: branches must be an array of \{x, filter, \.\.\.\} and tensors, got object/,
    ],
    ['no branch', () => joinedConv2d([]), /at least one convolution \{x, filter, \.\.\.\}, got no tensors; concatChannels/],
    ['tensors only', () => joinedConv2d([x(), x()]), /at least one convolution .* got 2 tensors; concatChannels joins tensors/],
    ['no filter', () => joinedConv2d([{ x: x() } as never]), /branches\[0\] must be a tensor, got object/],
    [
      'an integer tensor',
      () => joinedConv2d([{ x: x(), filter: filter() }, tf.cast(x(), 'int32')]),
      /branches\[1\] must be float32, got int32/,
    ],
    [
      'filter undefined',
      () => joinedConv2d([{ x: x(), filter: undefined as never }]),
      /branches\[0\]\.filter must be a tensor, got undefined/,
    ],
    [
      'channels',
      () => joinedConv2d([x(), { x: x(), filter: filter(1, 5) }]),
      /joinedConv2d: branches\[1\]: x has 2 channels, but filter \[1,1,5,3\] takes 5/,
    ],
    [
      'bias',
      () => joinedConv2d([{ x: x(), filter: filter(), bias: tf.zeros([2]) }]),
      /branches\[0\]: bias must have shape \[3\]/,
    ],
    [
      'rank',
      () => joinedConv2d([{ x: x(), filter: filter() }, tf.zeros([4, 4]) as never]),
      /branches\[1\]: x must have rank 4 .* got rank 2 \[4,4\]/,
    ],
    [
      'size',
      () =>
        joinedConv2d([
          { x: x(), filter: filter() },
          { x: x(), filter: filter(3) },
        ]),
      /equal in batch, height and width, got \[1,4,4,3\] of branches\[0\] and \[1,2,2,3\] of branches\[1\]/,
    ],
    [
      'activation',
      () => joinedConv2d([{ x: x(), filter: filter() }], { activation: 'gelu' as never }),
      /joinedConv2d: activation must be one of linear, relu, .* got 'gelu'/,
    ],
  ])('%s', (_, call, message) => {
    expect(() => tf.tidy(call as () => tf.TensorContainer)).toThrow(message);
  });
});
