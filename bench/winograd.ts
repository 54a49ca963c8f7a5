/** 3x3 convolutions by Winograd's algorithm and by products of matrices, on wasm-cnn. */
import * as tf from '@tensorflow/tfjs-core';
import { type Way, ways } from './backends.js';
import { convolution, flops, named, type Shape } from './kernels.js';
import { measure } from './measure.js';
import { type Row, row } from './table.js';

/** Of ResNets: for pictures of 224 pixels a side, then of CIFAR's 32. */
const SHAPES: readonly Shape[] = [
  [8, 56, 64],
  [16, 28, 128],
  [32, 16, 256],
  [8, 7, 512],
  [128, 32, 16],
  [128, 16, 32],
  [128, 8, 64],
];

const FLAG = 'CNN_WINOGRAD';

const withWinograd = (name: string, allowed: boolean): Way => ({
  name,
  async use() {
    await ways.wasmCnn.use();
    tf.env().set(FLAG, allowed);
  },
});

const both: readonly Way[] = [withWinograd('Winograd F(4x4, 3x3)', true), withWinograd('matrix products', false)];

/** GFLOP/s count the multiplications and additions of the direct sum for both. */
export async function winogradAgainstProducts(): Promise<Row[]> {
  const rows: Row[] = [];
  try {
    for (const shape of SHAPES) {
      for (const part of ['forward', 'dx', 'dfilter'] as const) {
        const timings = await measure(
          both.map((way) => convolution(way, part, shape)),
          { rounds: 9 },
        );
        rows.push(row(named(part, shape), timings, flops(shape)));
      }
    }
  } finally {
    tf.env().set(FLAG, true);
  }
  return rows;
}
