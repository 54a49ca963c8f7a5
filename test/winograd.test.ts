/**
 * Winograd's convolution on wasm-cnn against the float64 loops: all three parts over sizes odd and even,
 * channel tails and uneven pads. Every error is held against the a-priori bound, and, the data being random,
 * against six times the root mean square that winograd-error.ts predicts, which is far sharper.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import { type FusedActivation, fusedActivation } from '../src/ops/activation/fused.js';
import { type Conv2DGeometry, conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { reference } from '../src/ops/conv2d/reference.js';
import { gemmConv2d, wasmCnn } from '../src/ops/conv2d/wasm.js';
import { winogradAllowed, winogradDfilter, winogradDx, winogradForward, winogradSuits } from '../src/ops/conv2d/winograd.js';
import { winogradErrorBound } from '../src/ops/conv2d/winograd-error.js';
import { choose, generator, integer, seed, values } from './random.js';

type Part = 'forward' | 'dx' | 'dfilter';
const parts: Record<Part, { kernel: typeof winogradForward; inputs: string[]; output: string }> = {
  forward: { kernel: winogradForward, inputs: ['x', 'filter', 'bias'], output: 'y' },
  dx: { kernel: winogradDx, inputs: ['dy', 'filter'], output: 'dx' },
  dfilter: { kernel: winogradDfilter, inputs: ['x', 'dy'], output: 'dfilter' },
};

function lengths(g: Conv2DGeometry): Record<string, number> {
  const x = g.batch * g.inHeight * g.inWidth * g.inChannels;
  const y = g.batch * g.outHeight * g.outWidth * g.outChannels;
  const filter = 9 * g.inChannels * g.outChannels;
  return { x, filter, bias: g.outChannels, y, dy: y, dx: x, dfilter: filter };
}

/** The part's result, written over NaN. */
function run(
  runtime: CnnRuntime,
  part: Part,
  inputs: Record<string, Float32Array>,
  g: Conv2DGeometry,
  kernel = parts[part].kernel,
): Float32Array {
  const { inputs: names, output } = parts[part];
  const place = (data: Float32Array): number => {
    const pointer = runtime.allocate(data.byteLength, 'test');
    runtime.float32(pointer, data.length).set(data);
    return pointer;
  };
  const read = Object.fromEntries(names.map((name) => [name, inputs[name] ? place(inputs[name]) : 0]));
  const length = lengths(g)[output]!;
  const written = { [output]: place(new Float32Array(length).fill(NaN)) };
  kernel(read, written, g, runtime);
  runtime.endKernel();
  const result = runtime.float32(written[output]!, length).slice();
  for (const pointer of [...Object.values(read), ...Object.values(written)]) if (pointer) runtime.release(pointer);
  return result;
}

function exactly(part: Part, inputs: Record<string, Float32Array>, g: Conv2DGeometry): Float64Array {
  const { output } = parts[part];
  const result = new Float64Array(lengths(g)[output]!);
  const wide = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, Float64Array.from(data)]));
  reference[part]!(wide as Record<string, Float64Array>, { [output]: result }, g);
  return result;
}

const rms = (data: ArrayLike<number>): number => Math.sqrt(Array.from(data).reduce((sum, v) => sum + v * v, 0) / data.length);
const largest = (data: ArrayLike<number>): number => Array.from(data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Largest error over its bound, by the worst case and by the typical one. */
function judge(part: Part, found: Float32Array, exact: Float64Array, inputs: Record<string, Float32Array>, g: Conv2DGeometry) {
  const [left, right] = parts[part].inputs.map((name) => inputs[name]!);
  const { bound, typical } = winogradErrorBound(g, part);
  // The activations' own rounding, and the bias's: a few units in the last place of the result and the bias.
  const own = 2 ** -22 * (largest(exact) + (part === 'forward' && inputs['bias'] ? largest(inputs['bias']) : 0));
  let worst = 0;
  found.forEach((v, i) => {
    const error = Math.abs(v - exact[i]!);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  });
  return {
    bound: worst / (bound * largest(left!) * largest(right!) + own),
    typical: worst / (6 * typical * rms(left!) * rms(right!) + own),
  };
}

const activations = Object.keys(fusedActivation) as FusedActivation[];

function randomCase(
  from: number,
  channels: readonly [number, number],
  most = 20,
): { g: Conv2DGeometry; random: () => number; bias: boolean } {
  const random = generator(from);
  const pads = {
    top: integer(random, 0, 2),
    bottom: integer(random, 0, 2),
    left: integer(random, 0, 2),
    right: integer(random, 0, 2),
  };
  const height = integer(random, Math.max(1, 3 - pads.top - pads.bottom), most);
  const width = integer(random, Math.max(1, 3 - pads.left - pads.right), most);
  const [ci, co] = [integer(random, ...channels), integer(random, ...channels)];
  const bias = random() < 0.7;
  const g = conv2dGeometry([integer(random, 1, 3), height, width, ci], [3, 3, ci, co], {
    pads,
    activation: choose(random, activations),
    ...(bias && { biasShape: [co] }),
  });
  return { g, random, bias };
}

function inputsOf({ g, random, bias }: { g: Conv2DGeometry; random: () => number; bias: boolean }): Record<string, Float32Array> {
  const n = lengths(g);
  return {
    x: values(random, n['x']!),
    filter: values(random, n['filter']!),
    dy: values(random, n['dy']!),
    ...(bias && { bias: values(random, n['bias']!) }),
  };
}

describe(`Winograd on wasm-cnn, seed ${seed}`, () => {
  let one: CnnRuntime;
  let two: CnnRuntime;
  beforeAll(async () => {
    one = await CnnRuntime.create({ threads: 1 });
    two = await CnnRuntime.create({ threads: 2 });
  });
  afterAll(() => {
    one.dispose();
    two.dispose();
  });

  function check({ g, random, bias }: ReturnType<typeof randomCase>): void {
    const inputs = inputsOf({ g, random, bias });
    for (const part of Object.keys(parts) as Part[]) {
      const found = run(one, part, inputs, g);
      const ratio = judge(part, found, exactly(part, inputs, g), inputs, g);
      expect({ part, g, within: ratio.bound <= 1 && ratio.typical <= 1, ratio }).toMatchObject({ within: true });
      // The same bits from two threads.
      expect(Buffer.from(run(two, part, inputs, g).buffer).equals(Buffer.from(found.buffer))).toBe(true);
    }
  }

  test.each(Array.from({ length: 20 }, (_, i) => i))('random sizes, few channels: %d', (i) =>
    check(randomCase(seed + i, [16, 41])),
  );

  test.each(Array.from({ length: 3 }, (_, i) => i))('random sizes, channels whose sums are shared: %d', (i) =>
    check(randomCase(seed + 100 + i, [48, 70], 10)),
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('pictures of %d pixels a side', (size) => {
    const g = conv2dGeometry([2, size, size, 16], [3, 3, 16, 16], { pads: 1 });
    check({ g, random: generator(seed + size), bias: false });
  });

  // Their filters are transformed by groups of output channels; neither groups nor blocks of input channels come out even.
  test.each([
    [2, 6, 7],
    [66, 1, 2],
  ])('few tiles, many channels: %d pictures of %d x %d', (batch, height, width) => {
    const g = conv2dGeometry([batch, height, width, 184], [3, 3, 184, 168], { pads: 1, activation: 'relu', biasShape: [168] });
    check({ g, random: generator(seed + batch), bias: true });
  });

  // Engines decide by a short timing which one they take; here both run on any that has the instructions.
  test.each([
    [3, 9, 16, 16],
    [1, 12, 26, 48],
    [2, 5, 208, 160],
  ])(
    'panels of 8 and of 16 channels give the same bits: %d pictures, %d pixels a side, %d to %d channels',
    (batch, size, ci, co) => {
      if (one.simd !== 'relaxed-simd') throw new Error('this engine lacks relaxed SIMD, without which there are no panels of 16');
      const g = conv2dGeometry([batch, size, size, ci], [3, 3, ci, co], { pads: 1, activation: 'relu', biasShape: [co] });
      const inputs = inputsOf({ g, random: generator(seed + size), bias: true });
      const { wide } = two;
      for (const part of Object.keys(parts) as Part[]) {
        const [narrow, broad] = [false, true].map((setting) => {
          Object.assign(two, { wide: setting });
          return run(two, part, inputs, g);
        });
        expect(Buffer.from(broad!.buffer).equals(Buffer.from(narrow!.buffer))).toBe(true);
      }
      Object.assign(two, { wide });
    },
  );

  // More tiles than are transformed at a time. Output channels do not see each other: eight of them are judged.
  test.each([
    [16, 16, 40],
    [24, 160, 28],
  ])('dfilter over many tiles, %d to %d channels', (ci, co, size) => {
    const g = conv2dGeometry([8, size, size, ci], [3, 3, ci, co], { pads: 1 });
    const random = generator(seed);
    const inputs = { x: values(random, lengths(g)['x']!), dy: values(random, lengths(g)['dy']!) };
    const first = 8;
    const sliced = (data: Float32Array): Float32Array => data.filter((_, i) => i % co >= first && i % co < first + 8);
    const narrow = conv2dGeometry([8, size, size, ci], [3, 3, ci, 8], { pads: 1 });
    const slices = { x: inputs.x, dy: sliced(inputs.dy) };
    const ratio = judge('dfilter', sliced(run(two, 'dfilter', inputs, g)), exactly('dfilter', slices, narrow), slices, narrow);
    expect(ratio.typical).toBeLessThanOrEqual(1);
  });

  test('NaN reaches every output whose window holds it, and none beyond the tiles that see it', () => {
    const g = conv2dGeometry([1, 17, 17, 16], [3, 3, 16, 16], { pads: 1 });
    const random = generator(seed);
    const inputs = inputsOf({ g, random, bias: false });
    const [row, column] = [7, 8];
    inputs['x']![(row * 17 + column) * 16 + 3] = NaN;
    inputs['dy']![(row * 17 + column) * 16 + 3] = NaN;
    for (const part of ['forward', 'dx'] as const) {
      run(one, part, inputs, g).forEach((v, i) => {
        const [y, x] = [Math.floor(i / 16 / 17), Math.floor(i / 16) % 17];
        const distance = Math.max(Math.abs(y - row), Math.abs(x - column));
        if (distance <= 1) expect(v).toBeNaN();
        if (distance > 4) expect(v).not.toBeNaN();
      });
    }
    // All taps of input channel 3 see the pixel of x, all taps to output channel 3 that of dy.
    run(one, 'dfilter', inputs, g).forEach((v, i) => {
      expect(Number.isNaN(v)).toBe(Math.floor(i / 16) % 16 === 3 || i % 16 === 3);
    });
  });

  test('suits 3x3 with stride 1 where it pays', () => {
    const suits = (x: number[], filter: number[], options: object) => winogradSuits(conv2dGeometry(x, filter, options));
    expect(suits([8, 56, 56, 64], [3, 3, 64, 64], { pads: 1 })).toBe(true);
    expect(suits([128, 32, 32, 16], [3, 3, 16, 16], { pads: { top: 0, bottom: 2, left: 1, right: 2 } })).toBe(true);
    expect(suits([1, 7, 7, 512], [3, 3, 512, 512], { pads: 1 })).toBe(false);
    expect(suits([64, 2, 2, 64], [3, 3, 64, 64], { pads: 1 })).toBe(false);
    expect(suits([8, 56, 56, 15], [3, 3, 15, 64], { pads: 1 })).toBe(false);
    expect(suits([8, 56, 56, 64], [3, 3, 64, 64], { pads: 3 })).toBe(false);
    expect(suits([8, 56, 56, 64], [3, 3, 64, 64], { pads: 1, strides: 2 })).toBe(false);
    expect(suits([8, 56, 56, 64], [3, 3, 64, 64], { pads: 1, dilations: 2 })).toBe(false);
    expect(suits([8, 56, 56, 64], [3, 3, 32, 64], { pads: 1, groups: 2 })).toBe(false);
    expect(suits([8, 56, 56, 64], [5, 5, 64, 64], { pads: 1 })).toBe(false);
  });

  test('a flag says no: then all three parts are the direct sums, to the bit', async () => {
    const g = conv2dGeometry([2, 16, 16, 16], [3, 3, 16, 24], { pads: 1 });
    expect(winogradSuits(g)).toBe(true);
    const inputs = inputsOf({ g, random: generator(7), bias: false });
    const runtime = await CnnRuntime.create({ threads: 1 });
    const chosen = (part: Part) => Array.from(run(runtime, part, inputs, g, wasmCnn[part]));
    try {
      for (const part of Object.keys(parts) as Part[]) {
        const direct = Array.from(run(runtime, part, inputs, g, gemmConv2d[part]));
        expect(chosen(part)).toEqual(Array.from(run(runtime, part, inputs, g)));
        tf.env().set('CNN_WINOGRAD', false);
        expect(winogradAllowed()).toBe(false);
        expect(chosen(part)).toEqual(direct);
        tf.env().set('CNN_WINOGRAD', true);
        expect(chosen(part)).not.toEqual(direct);
      }
    } finally {
      tf.env().set('CNN_WINOGRAD', true);
      runtime.dispose();
    }
  });
});
