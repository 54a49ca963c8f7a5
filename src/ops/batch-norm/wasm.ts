import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Named, Parts, WasmKernel } from '../../kernels.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';

type Kernels = Parts<WasmKernel<BatchNormGeometry>>;

/** Numbers a piece of parallel work reads: 128 KiB, which stay in the second cache for a second pass. */
const PIECE = 32768;

/** Numbers of a wide row at least, so that inner loops are worth starting. */
const LEAST = 64;

/** Pieces times channels whose moments are put together by one thread, some 20 us. */
const MOMENTS = 4096;

/** x as wide rows, see wasm.asm.ts. */
class WideRows {
  readonly shape: number;
  /** Bytes of a wide row. */
  readonly step: number;
  /** Wide rows, an incomplete last one included. */
  readonly count: number;
  /** Wide rows a piece. */
  readonly grain: number;
  readonly pieces: number;

  constructor(wasm: WasmRuntime, { rows, channels, activation }: BatchNormGeometry) {
    let together = channels % 4 === 0 ? 1 : channels % 2 === 0 ? 2 : 4;
    while (together * channels < LEAST) together *= 2;
    const width = channels * together;
    const wideRows = Math.floor(rows / together);
    const tail = (rows - wideRows * together) * channels;
    this.step = 4 * width;
    this.count = wideRows + (tail > 0 ? 1 : 0);
    this.grain = Math.max(1, Math.round(PIECE / width));
    this.pieces = Math.ceil(this.count / this.grain);
    this.shape = wasm.struct(channels, width, wideRows, tail, this.grain, Number(activation === 'relu'));
  }
}

/** Memory for `vectors` vectors of a wide row's length, mean, scale and offset filled in. */
function parameters(
  wasm: WasmRuntime,
  wide: WideRows,
  { gamma, beta, mean, variance }: Named<number>,
  g: BatchNormGeometry,
  vectors: 3 | 5,
): number {
  const pointer = wasm.scratch(vectors * wide.step);
  wasm.call('batchNormParameters', wide.shape, mean, variance, gamma, beta, g.epsilon, pointer);
  return pointer;
}

function gradientSums(wasm: WasmRuntime, wide: WideRows, { dy, x }: Named<number>, values: number): number {
  const partials = wasm.scratch(2 * wide.step * wide.pieces);
  wasm.parallel('batchNormGradientSums', wide.pieces, 1, wide.shape, dy, x, values, partials);
  return partials;
}

export const trainingWasm: Kernels = {
  forward({ x, gamma, beta, runningMean, runningVariance }, { y, mean, variance, newMean, newVariance }, g, wasm) {
    const wide = new WideRows(wasm, g);
    const partials = wasm.scratch(3 * wide.step * wide.pieces);
    wasm.parallel('batchNormMoments', wide.pieces, 1, wide.shape, x, partials);
    wasm.parallel(
      'batchNormStatistics',
      g.channels,
      Math.max(16, Math.ceil(MOMENTS / wide.pieces)),
      wide.shape,
      partials,
      wide.pieces,
      mean,
      variance,
      runningMean,
      runningVariance,
      newMean,
      newVariance,
      g.momentum,
      unbiasing(g),
    );
    const values = parameters(wasm, wide, { gamma, beta, mean, variance }, g, 3);
    wasm.parallel('batchNormApply', wide.count, wide.grain, wide.shape, x, values, y);
  },

  dx(inputs, { dx, dgamma, dbeta }, g, wasm) {
    const wide = new WideRows(wasm, g);
    const values = parameters(wasm, wide, inputs, g, 5);
    const partials = gradientSums(wasm, wide, inputs, values);
    wasm.call(
      'batchNormGradientFinish',
      wide.shape,
      partials,
      wide.pieces,
      inputs.variance,
      g.epsilon,
      g.rows,
      values,
      dgamma,
      dbeta,
    );
    wasm.parallel('batchNormGradient', wide.count, wide.grain, wide.shape, inputs.dy, inputs.x, values, dx);
  },
};

/** dgamma or dbeta alone: the pointer of the other is 0. */
function vectorGradient(inputs: Named<number>, dgamma: number, dbeta: number, g: BatchNormGeometry, wasm: WasmRuntime): void {
  const wide = new WideRows(wasm, g);
  const values = parameters(wasm, wide, inputs, g, 3);
  const partials = gradientSums(wasm, wide, inputs, values);
  wasm.call('batchNormGradientFinish', wide.shape, partials, wide.pieces, inputs.variance, g.epsilon, 0, values, dgamma, dbeta);
}

export const inferenceWasm: Kernels = {
  forward(inputs, { y }, g, wasm) {
    const wide = new WideRows(wasm, g);
    const values = parameters(wasm, wide, inputs, g, 3);
    wasm.parallel('batchNormApply', wide.count, wide.grain, wide.shape, inputs.x, values, y);
  },

  dx(inputs, { dx }, g, wasm) {
    const wide = new WideRows(wasm, g);
    const values = parameters(wasm, wide, inputs, g, 3);
    wasm.parallel('batchNormFrozenGradient', wide.count, wide.grain, wide.shape, inputs.dy, inputs.x, values, dx);
  },

  dgamma: (inputs, { dgamma }, g, wasm) => vectorGradient(inputs, dgamma, 0, g, wasm),
  dbeta: (inputs, { dbeta }, g, wasm) => vectorGradient(inputs, 0, dbeta, g, wasm),
};
