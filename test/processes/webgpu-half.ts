/**
 * A process that computes in half precision on the driver that VK_DRIVER_FILES names, in the tiles that it is told. Says what its products
 * are off by, in shares of what they may be; what becomes of numbers that are too large; and how LeNet-5 trains, in the last of the tiles.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nodeAdapter } from '../../src/backends/node-webgpu.js';
import type { WebgpuBackend } from '../../src/backends/webgpu/backend.js';
import '@tensorflow/tfjs-layers';
import { DataLoader, syntheticDigits } from '../../src/data/index.js';
import { accelerate, conv2d, dense, leNet5 } from '../../src/index.js';
import { autocast, LossScaler, Sgd, Trainer, type TrainerOptions } from '../../src/train/index.js';
import { filledUniformly } from '../golden-fill.js';

type Numbers = Record<string, Float64Array>;

/** Rounding of a half, and of float32. */
const U16 = 2 ** -11;
const U32 = 2 ** -24;

/** The nearest half of a normal one's size; of two as near the even one. */
function nearestHalf(x: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 10);
  const down = Math.floor(x / unit);
  const rest = x / unit - down;
  return unit * (rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down);
}

/** Numbers below 1 and not so small that a half of them might be 0. */
function values(name: string, size: number): Float32Array {
  const filled = filledUniformly(new Float32Array(size), name, 1, 0);
  return filled.map((x) => Math.sign(x) * Math.max(Math.abs(x), 2 ** -13));
}

interface Op {
  readonly name: string;
  readonly run: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;
  readonly parts: Readonly<Record<string, unknown>>;
  /** Products that each part adds up. */
  readonly terms: Readonly<Record<string, number>>;
  readonly shapes: { readonly x: number[]; readonly filter: number[] };
}

type Loops = Record<string, (inputs: Numbers, outputs: Numbers, geometry: object) => void>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

function convolution(x: number[], filter: number[], options: object): Op & { geometry: object } {
  const [height, width, , columns] = filter as [number, number, number, number];
  const given = [tf.zeros(x), tf.zeros(filter), options] as unknown as Parameters<typeof conv2d.definition.prepare>;
  const { geometry } = conv2d.definition.prepare(...given);
  const { outHeight, outWidth } = geometry;
  const places = x[0]! * outHeight * outWidth;
  return {
    name: `conv2d [${x}] [${filter}]`,
    run: (a, b) => conv2d(a as tf.Tensor4D, b as tf.Tensor4D, options),
    parts: conv2d.definition.kernels.reference,
    terms: { forward: height * width * x[3]!, dx: height * width * columns, dfilter: places },
    shapes: { x, filter },
    geometry,
  };
}

function fullyConnected(rows: number, inputs: number, units: number): Op & { geometry: object } {
  const given = [tf.zeros([rows, inputs]), tf.zeros([inputs, units])] as unknown as Parameters<typeof dense.definition.prepare>;
  return {
    name: `dense ${rows} x ${inputs} x ${units}`,
    run: (a, b) => dense(a as tf.Tensor2D, b as tf.Tensor2D),
    parts: dense.definition.kernels.reference,
    terms: { forward: inputs, dx: units, dfilter: rows },
    shapes: { x: [rows, inputs], filter: [inputs, units] },
    geometry: dense.definition.prepare(...given).geometry,
  };
}

/** What the three products of an op are off by: of halves' products as float32 may be, and of the numbers' products as halves may be. */
async function errorsOf(op: Op & { geometry: object }): Promise<object[]> {
  const given = { x: values('x', sizeOf(op.shapes.x)), filter: values('filter', sizeOf(op.shapes.filter)) };
  const [x, filter] = [tf.tensor(given.x, op.shapes.x), tf.tensor(given.filter, op.shapes.filter)];
  const gradients = tf.grads(op.run);
  const y = autocast('float16', () => op.run(x, filter));
  const dy = values('dy', y.size);
  const [dx, dfilter] = autocast('float16', () => gradients([x, filter], tf.tensor(dy, y.shape)));
  const found = { forward: y, dx: dx!, dfilter: dfilter! };
  const loops = op.parts as Loops;
  const inputs: Record<string, Record<string, Float32Array>> = {
    forward: given,
    dx: { dy, filter: given.filter },
    dfilter: { x: given.x, dy },
  };
  const errors: object[] = [];
  for (const [part, tensor] of Object.entries(found)) {
    const computed = (change: (value: number) => number): Float64Array => {
      const numbers = Object.entries(inputs[part]!).map(([name, array]) => [name, Float64Array.from(array, change)]);
      const output = new Float64Array(tensor.size);
      loops[part]!(Object.fromEntries(numbers), { [part === 'forward' ? 'y' : part]: output }, op.geometry);
      return output;
    };
    const [ofHalves, exact, magnitude] = [computed(nearestHalf), computed((v) => v), computed(Math.abs)];
    const numbers = await tensor.data<'float32'>();
    const worst = (expected: Float64Array, bound: number): number =>
      numbers.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!) / (bound * (magnitude[i]! || 1))), 0);
    // Each sum of n products in float32, and the cuts of the depth beside.
    const sums = (op.terms[part]! + 64) * U32;
    const halves = 2 * U16 + U16 ** 2;
    errors.push({
      name: `${op.name} ${part}`,
      ofHalves: worst(ofHalves, sums * 1.01),
      exact: worst(exact, halves + sums * 1.01),
    });
  }
  tf.dispose([x, filter, ...Object.values(found)]);
  return errors;
}

/** Runs `work` with products in certain tiles. */
async function inTiles<T>(tiles: string, work: () => Promise<T>): Promise<T> {
  tf.env().set('CNN_WEBGPU_TILES', tiles);
  const undo = await accelerate('webgpu');
  try {
    return await work();
  } finally {
    undo();
    tf.env().set('CNN_WEBGPU_TILES', 'auto');
  }
}

async function products(): Promise<object[]> {
  const ops = [
    // Numbers one by one, and in fours; more than a tile is wide.
    convolution([3, 7, 6, 5], [3, 2, 5, 7], { strides: 2, pads: [0, 1] }),
    convolution([2, 9, 9, 8], [3, 3, 8, 72], { pads: 1 }),
    fullyConnected(70, 600, 68),
  ];
  const errors: object[] = [];
  for (const op of ops) errors.push(...(await errorsOf(op)));
  return errors;
}

/** Products of numbers about the largest half by 1. */
async function largest(): Promise<number[]> {
  const x = tf.tensor2d([65504, 65519, 65520, -1e6, 3e38, 2], [6, 1]);
  return [...(await autocast('float16', () => dense(x, tf.ones([1, 1]) as tf.Tensor2D)).data())];
}

/** Steps of LeNet-5 on digits made from a seed. */
async function training(backend: string, options: Partial<TrainerOptions>, learningRate = 0.02) {
  await tf.setBackend(backend);
  const digits = syntheticDigits({ train: 96, test: 1 }, 5).train;
  const optimizer = new Sgd({ learningRate, momentum: 0.9 });
  const net = leNet5({ seed: 7 });
  const trainer = new Trainer(net, { optimizer, ...options });
  const { losses } = await trainer.fit(new DataLoader(digits, { batchSize: 8 }), { epochs: 1 });
  const { lossScaler } = trainer.parts;
  const read = async (number: tf.Tensor | undefined) => (await number?.data())?.[0];
  const [scale, skipped] = [await read(lossScaler?.scale), await read(lossScaler?.skipped)];
  trainer.dispose();
  return { losses, scale, skipped };
}

/** In half precision, and on wasm-cnn in float32. */
async function trainings() {
  return {
    float32: await training('wasm-cnn', {}),
    float16: await training('webgpu', { precision: 'float16' }),
    // So large a scale that dy is infinite at first, as a half.
    tooLarge: await training('webgpu', { precision: 'float16', lossScaler: new LossScaler({ initialScale: 2 ** 24 }) }),
    still: await training('webgpu', { precision: 'float16' }, 0),
  };
}

async function main(): Promise<void> {
  const [, , ...allTiles] = process.argv;
  // A bundle of ES modules loads packages before its own code.
  await import('@tensorflow/tfjs-backend-webgpu');
  await inTiles('direct', () => tf.setBackend('webgpu'));
  const { device } = tf.backend() as unknown as WebgpuBackend;
  let withHalves = 0;
  const compile = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    if (descriptor.code.includes('enable f16;')) withHalves++;
    return compile(descriptor);
  };
  const found: Record<string, object> = {};
  for (const tiles of allTiles) {
    found[tiles] = await inTiles(tiles, async () => ({ products: await products(), largest: await largest() }));
  }
  const trained = await inTiles(allTiles.at(-1)!, trainings);
  const all = { adapter: await nodeAdapter(), tiles: found, trainings: trained, withHalves };
  // JSON has no infinity.
  const text = JSON.stringify(all, (_key, value) => (Math.abs(value) === Infinity ? String(value) : value));
  process.stdout.write(`${text}\n`);
}

void main();
