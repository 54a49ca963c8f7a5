import {
  add,
  clipByValue,
  div,
  greater,
  logicalAnd,
  minimum,
  mul,
  onesLike,
  sqrt,
  square,
  type Tensor,
  sum as total,
  where,
} from '@tensorflow/tfjs-core';
import type { WasmRuntime } from '../../../backends/wasm-runtime.js';
import type { KernelSet, Named } from '../../../kernels.js';
import { type Floats, factorOf } from '../penalized.js';
import type { ClipFactorGeometry, SquareSumGeometry, TrustRatioGeometry } from './norms.js';

const { max, min, sqrt: root } = Math;

/** Elements whose squares are summed up in one piece. */
const PIECE = 1 << 14;

/** What PyTorch adds to a norm before it divides by it. */
export const LEAST = 1e-6;

/** Sum of clamp(factor x, -clip, clip)^2. */
function squares(x: Float32Array | Float64Array, factor: number, clip: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const v = max(-clip, min(clip, factor * x[i]!));
    sum += v * v;
  }
  return sum;
}

/** The same on wasm-cnn, piece by piece: sums lie at `partials`. */
function squaresByWasm(wasm: WasmRuntime, x: number, factor: number, partials: number, size: number, clip: number): void {
  wasm.parallel('squareSums', Math.ceil(size / PIECE), 1, x, factor, partials, size, PIECE, clip);
}

function squareSumLoop({ x, before }: Floats, { sum }: Floats): void {
  sum![0] = squares(x!, 1, Infinity) + (before?.[0] ?? 0);
}

export const squareSumKernels: KernelSet<SquareSumGeometry> = {
  reference: { forward: squareSumLoop },
  cpu: { forward: squareSumLoop },
  wasmCnn: {
    forward({ x, before }, { sum }, { size }, wasm) {
      const pieces = Math.ceil(size / PIECE);
      const partials = wasm.scratch(8 * pieces);
      squaresByWasm(wasm, x!, 0, partials, size, Infinity);
      wasm.call('addSquareSums', partials, pieces, before!, sum!);
    },
  },
  portable: {
    forward(inputs) {
      const { x, before } = inputs as Named<Tensor>;
      const sum = total(square(x!));
      return before ? add(sum, before) : sum;
    },
  },
};

function clipFactorLoop({ sum }: Floats, { newNorm, factor }: Floats, { most }: ClipFactorGeometry): void {
  const norm = root(sum![0]!);
  newNorm![0] = norm;
  factor![0] = min(1, most / (norm + LEAST));
}

export const clipFactorKernels: KernelSet<ClipFactorGeometry> = {
  reference: { forward: clipFactorLoop },
  cpu: { forward: clipFactorLoop },
  wasmCnn: {
    forward({ sum }, { newNorm, factor }, { most }, wasm) {
      wasm.call('clipFactor', sum!, most, newNorm!, factor!);
    },
  },
  portable: {
    forward({ sum }, { most }) {
      const norm = sqrt(sum!);
      return [norm, minimum(div(most, add(norm, LEAST)), 1)];
    },
  },
};

function trustRatioLoop({ value, gradient, scale }: Floats, { ratio }: Floats, g: TrustRatioGeometry): void {
  const { clip, coefficient, weightDecay, epsilon } = g;
  const w = root(squares(value!, 1, Infinity));
  const d = root(squares(gradient!, factorOf(scale), clip));
  ratio![0] = w > 0 && d > 0 ? (coefficient * w) / (d + weightDecay * w + epsilon) : 1;
}

export const trustRatioKernels: KernelSet<TrustRatioGeometry> = {
  reference: { forward: trustRatioLoop },
  cpu: { forward: trustRatioLoop },
  wasmCnn: {
    forward({ value, gradient, scale }, { ratio }, { size, clip, coefficient, weightDecay, epsilon }, wasm) {
      const pieces = Math.ceil(size / PIECE);
      const partials = wasm.scratch(16 * pieces);
      squaresByWasm(wasm, value!, 0, partials, size, Infinity);
      squaresByWasm(wasm, gradient!, scale!, partials + 8 * pieces, size, clip);
      wasm.call('trustRatio', partials, pieces, coefficient, weightDecay, epsilon, ratio!);
    },
  },
  portable: {
    forward(inputs, { clip, coefficient, weightDecay, epsilon }) {
      const { value, gradient, scale } = inputs as Named<Tensor>;
      const scaled = scale ? mul(gradient!, scale) : gradient!;
      const w = sqrt(total(square(value!)));
      const d = sqrt(total(square(clip < Infinity ? clipByValue(scaled, -clip, clip) : scaled)));
      const ratio = div(mul(w, coefficient), add(add(d, mul(w, weightDecay)), epsilon));
      return where(logicalAnd(greater(w, 0), greater(d, 0)), ratio, onesLike(ratio));
    },
  },
};
