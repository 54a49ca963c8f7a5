/** Single kernels: convolution forward and backward, products of matrices. */
import * as tf from '@tensorflow/tfjs-core';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

/** A 3x3 convolution, same padding: batch, side, channels in and out. */
export type Shape = readonly [batch: number, side: number, channels: number];

export const LARGE: readonly Shape[] = [
  [8, 56, 64],
  [16, 28, 128],
  [32, 14, 256],
];

/** One picture of each for the cpu backend; its filter gradient takes a second for the smallest size here. */
const SINGLE: readonly Shape[] = LARGE.map(([, side, channels]) => [1, side, channels]);
const SMALL: Shape = [1, 14, 64];
/** Wide enough that our own takes half a millisecond. */
const MEDIUM: Shape = [1, 28, 32];

export type Part = 'forward' | 'dx' | 'dfilter';

/** Of the direct sum. */
export function flops([batch, side, channels]: Shape): number {
  return 2 * 9 * batch * side * side * channels * channels;
}

/** One part of the convolution in tfjs's own kernel name; on wasm-cnn that is ours. */
export function convolution(way: Way, part: Part, [batch, side, channels]: Shape): Contestant {
  let tensors: { x: tf.Tensor; filter: tf.Tensor; dy: tf.Tensor };
  const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
  const shape = [batch, side, side, channels];
  const filterShape = [3, 3, channels, channels];
  const calls: Record<Part, () => tf.Tensor> = {
    forward: () => kernel('Conv2D', { x: tensors.x, filter: tensors.filter }, attrs),
    dx: () => kernel('Conv2DBackpropInput', { dy: tensors.dy, filter: tensors.filter }, { ...attrs, inputShape: shape }),
    dfilter: () => kernel('Conv2DBackpropFilter', { x: tensors.x, dy: tensors.dy }, { ...attrs, filterShape }),
  };
  return {
    name: way.name,
    async before() {
      await way.use();
      tensors ??= {
        x: tf.randomUniform(shape, -1, 1),
        filter: tf.randomUniform(filterShape, -1, 1),
        dy: tf.randomUniform(shape, -1, 1),
      };
    },
    run: () => calls[part]().dispose(),
  };
}

function kernel(name: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
}

export function product(way: Way, size: number, transposeA: boolean, transposeB: boolean): Contestant {
  let a: tf.Tensor;
  let b: tf.Tensor;
  return {
    name: way.name,
    async before() {
      await way.use();
      a ??= tf.randomUniform([size, size], -1, 1);
      b ??= tf.randomUniform([size, size], -1, 1);
    },
    run: () => tf.matMul(a, b, transposeA, transposeB).dispose(),
  };
}

/** wasm-cnn against stock wasm, one thread and all; where stock wasm has no kernel, against itself. */
export async function wasmConvolutions(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of LARGE) {
    for (const part of ['forward', 'dx', 'dfilter'] as const) {
      const others = part === 'dfilter' ? [] : [ways.stockWasm];
      const timings = await measure(
        [ways.wasmCnnOne, ways.wasmCnn, ...others].map((way) => convolution(way, part, shape)),
        { rounds: part === 'dx' ? 5 : 9 },
      );
      rows.push(row(named(part, shape), timings, flops(shape)));
    }
  }
  return rows;
}

export const named = (part: Part, [batch, side, channels]: Shape): string =>
  `conv 3x3 ${part} ${batch}x${side}x${side}x${channels}`;

/** dfilter against stock cpu, on a size that it finishes. */
export async function filterGradientAgainstCpu(): Promise<Row[]> {
  const both = [ways.wasmCnnOne, ways.stockCpu].map((way) => convolution(way, 'dfilter', MEDIUM));
  return [row(named('dfilter', MEDIUM), await measure(both, { rounds: 3, warmUp: 2 }), flops(MEDIUM))];
}

/** Our JavaScript kernels against tfjs's, on the cpu backend. */
export async function cpuConvolutions(accelerated: Way): Promise<Row[]> {
  const rows: Row[] = [];
  for (const part of ['forward', 'dx', 'dfilter'] as const) {
    for (const shape of part === 'dfilter' ? [SMALL] : SINGLE) {
      const both = [accelerated, ways.stockCpu].map((way) => convolution(way, part, shape));
      rows.push(row(named(part, shape), await measure(both, { rounds: part === 'dfilter' ? 3 : 7, warmUp: 2 }), flops(shape)));
    }
  }
  return rows;
}

export async function products(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [label, transposeA, transposeB] of [
    ['A B', false, false],
    ["A' B", true, false],
    ["A B'", false, true],
  ] as const) {
    const slow = transposeA || transposeB;
    const timings = await measure(
      [ways.wasmCnnOne, ways.wasmCnn, ways.stockWasm].map((way) => product(way, 1024, transposeA, transposeB)),
      { rounds: slow ? 3 : 9, warmUp: slow ? 1 : 2 },
    );
    rows.push(row(`matMul 1024 ${label}`, timings, 2 * 1024 ** 3));
  }
  return rows;
}
