/**
 * Matrix products, convolutions, depthwise convolutions and dense layers in WebAssembly against the float64
 * loops: random geometries, both builds, both widths of a panel, outputs poisoned and guarded.
 */
import { unpackKernels } from '../src/backends/wasm-cnn/binary.js';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import type { WasmRuntime } from '../src/backends/wasm-runtime.js';
import type { BufferKernel, Named, Parts, WasmKernel } from '../src/kernels.js';
import { conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { reference as convReference } from '../src/ops/conv2d/reference.js';
import { gemmConv2d } from '../src/ops/conv2d/wasm.js';
import { denseGeometry } from '../src/ops/dense/geometry.js';
import { reference as denseReference } from '../src/ops/dense/reference.js';
import { wasmCnn as denseWasm } from '../src/ops/dense/wasm.js';
import { depthwiseConv2dGeometry } from '../src/ops/depthwise-conv2d/geometry.js';
import { reference as depthwiseReference } from '../src/ops/depthwise-conv2d/reference.js';
import { wasmCnn as depthwiseWasm } from '../src/ops/depthwise-conv2d/wasm.js';
import { gemm } from '../src/ops/gemm/wasm.js';
import { expectWithin, ROUNDING } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';

/** A runtime of one thread whose memory starts over after each kernel. */
class Bench implements WasmRuntime {
  readonly threads = 1;
  private readonly memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  private readonly exports: Record<string, (...args: number[]) => number>;
  private top = 64;

  constructor(
    build: Uint8Array<ArrayBuffer>,
    readonly wide: boolean,
  ) {
    const module = new WebAssembly.Module(build);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.exports = instance.exports as typeof this.exports;
  }

  parallel(name: string, count: number, grain: number, ...args: number[]): void {
    // The last piece first: pieces come in any order.
    for (let begin = Math.floor((count - 1) / grain) * grain; begin >= 0; begin -= grain) {
      this.call(name, begin, Math.min(begin + grain, count), ...args);
    }
  }

  call(name: string, ...args: number[]): number {
    return this.exports[name]!(...args);
  }

  scratch(bytes: number): number {
    const pointer = this.top;
    this.top += Math.ceil(bytes / 64) * 64;
    const missing = this.top + 65536 - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    this.float32(pointer, Math.ceil(bytes / 4)).fill(NaN);
    return pointer;
  }

  clear(pointer: number, bytes: number): void {
    new Uint8Array(this.memory.buffer, pointer, bytes).fill(0);
  }

  struct(...fields: number[]): number {
    const pointer = this.scratch(fields.length * 4);
    this.int32(pointer, fields.length).set(fields);
    return pointer;
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  startOver(): void {
    this.top = 64;
  }
}

const GUARD = 12345;

/** Runs a kernel on copies of the inputs; fails if it writes outside of its output. */
function run(
  bench: Bench,
  inputs: Named<Float32Array>,
  length: number,
  kernel: (read: Named<number>, y: number) => void,
): Float64Array {
  bench.startOver();
  const read: Named<number> = {};
  for (const name in inputs) {
    read[name] = bench.scratch(inputs[name].byteLength);
    bench.float32(read[name], inputs[name].length).set(inputs[name]);
  }
  const y = bench.scratch((length + 16) * 4) + 32;
  bench.float32(y - 32, 8).fill(GUARD);
  bench.float32(y + length * 4, 8).fill(GUARD);
  kernel(read, y);
  const around = [...bench.float32(y - 32, 8), ...bench.float32(y + length * 4, 8)];
  expect(around.every((value) => value === GUARD)).toBe(true);
  return Float64Array.from(bench.float32(y, length));
}

/** One rounding a product and a sum, of sums of at most `terms` products of numbers below 1, and one more at the end. */
const bound = (terms: number) => () => ROUNDING * (terms + 2) * (terms + 2);

interface Op<G> {
  wasm: Parts<WasmKernel<G>>;
  reference: Parts<BufferKernel<Float64Array, G>>;
}

/** Every part on every bench; `terms` are the products in a sum of each part's output. */
function compare<G>(benches: Bench[], op: Op<G>, g: G, data: Named<Float32Array>, terms: Named<number>): void {
  const parts: [string, string[], string, string][] = [
    ['forward', ['x', 'filter', 'bias'], 'y', 'dy'],
    ['dx', ['dy', 'filter'], 'dx', 'x'],
    ['dfilter', ['x', 'dy'], 'dfilter', 'filter'],
    ['dbias', ['dy'], 'dbias', 'bias'],
  ];
  for (const [part, names, output, like] of parts) {
    const inputs = Object.fromEntries(names.map((name) => [name, data[name]]));
    const expected = new Float64Array(data[like].length).fill(NaN);
    op.reference[part](Object.fromEntries(names.map((name) => [name, Float64Array.from(data[name])])), { [output]: expected }, g);
    for (const bench of benches) {
      const found = run(bench, inputs, expected.length, (read, y) => op.wasm[part](read, { [output]: y }, g, bench));
      expectWithin(`${output} of ${JSON.stringify(g)}`, found, expected, bound(terms[part]));
    }
  }
}

describe(`products in WebAssembly, seed ${seed}`, () => {
  const random = generator(seed);
  const pick = <T>(...from: T[]): T => choose(random, from);
  const activation = () => pick('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh');
  let benches: Bench[];
  let one: CnnRuntime;
  let two: CnnRuntime;

  beforeAll(async () => {
    // They also make Node 20 take relaxed SIMD.
    one = await CnnRuntime.create({ threads: 1 });
    two = await CnnRuntime.create({ threads: 2 });
    const { simd, 'relaxed-simd': relaxed } = await unpackKernels();
    benches = [new Bench(simd, false), new Bench(relaxed, false), new Bench(relaxed, true)];
  });

  afterAll(() => {
    one.dispose();
    two.dispose();
  });

  function window() {
    const side = () => integer(random, 0, pick(2, 6, 13));
    return {
      filter: [pick(1, 1, 2, 3, 3, 5, 7, 11), pick(1, 1, 2, 3, 3, 5, 7, 11)] as const,
      options: {
        strides: [integer(random, 1, 4), pick(1, 1, 2, 3, 4)] as const,
        dilations: [pick(1, 1, 2, 3), pick(1, 1, 2, 3)] as const,
        pads: pick<'same' | 'valid' | object>('same', 'valid', {
          top: side(),
          bottom: side(),
          left: side(),
          right: side(),
        }) as 'same',
        activation: activation() as 'relu',
      },
      picture: [integer(random, 1, 6), integer(random, 1, 14), integer(random, 1, 14)] as const,
    };
  }

  /** The geometry, or undefined where no output is left. */
  function possible<G>(make: () => G): G | undefined {
    try {
      return make();
    } catch {
      return undefined;
    }
  }

  it('conv2d', () => {
    for (let done = 0; done < 60; ) {
      const { filter, options, picture } = window();
      const groups = pick(1, 1, 1, 2, 3);
      const [inside, outside] = [pick(1, 1, 2, 3, 4, 6, 8, 10, 16, 19), pick(1, 2, 3, 6, 7, 8, 10, 16, 17, 24, 33)];
      const channels = outside * groups;
      const g = possible(() =>
        conv2dGeometry([...picture, inside * groups], [...filter, inside, channels], { ...options, groups }),
      );
      if (!g) continue;
      done++;
      const pixels = g.batch * g.outHeight * g.outWidth;
      const taps = filter[0] * filter[1];
      compare(
        benches,
        { wasm: gemmConv2d, reference: convReference },
        g,
        {
          x: values(random, picture[0] * picture[1] * picture[2] * inside * groups),
          filter: values(random, taps * inside * channels),
          bias: values(random, channels),
          dy: values(random, pixels * channels),
        },
        { forward: taps * inside, dx: taps * outside, dfilter: pixels, dbias: pixels },
      );
    }
  });

  it('depthwiseConv2d', () => {
    for (let done = 0; done < 40; ) {
      const { filter, options, picture } = window();
      const [channels, multiplier] = [pick(1, 2, 3, 4, 6, 8, 10, 16, 19, 24), pick(1, 1, 1, 2, 3)];
      const g = possible(() => depthwiseConv2dGeometry([...picture, channels], [...filter, channels, multiplier], options));
      if (!g) continue;
      done++;
      const pixels = g.batch * g.outHeight * g.outWidth;
      const taps = filter[0] * filter[1];
      compare(
        benches,
        { wasm: depthwiseWasm, reference: depthwiseReference },
        g,
        {
          x: values(random, picture[0] * picture[1] * picture[2] * channels),
          filter: values(random, taps * channels * multiplier),
          bias: values(random, g.outChannels),
          dy: values(random, pixels * g.outChannels),
        },
        { forward: taps, dx: taps * multiplier, dfilter: pixels, dbias: pixels },
      );
    }
  });

  it('dense', () => {
    for (let done = 0; done < 20; done++) {
      const [rows, inputs, units] = [
        pick(1, 2, 5, 6, 7, 64, 130, 300),
        pick(1, 3, 10, 84, 130, 600),
        pick(1, 2, 7, 8, 10, 16, 33, 84),
      ];
      compare(
        benches,
        { wasm: denseWasm, reference: denseReference },
        denseGeometry([rows, inputs], [inputs, units], { activation: activation() as 'relu' }),
        {
          x: values(random, rows * inputs),
          filter: values(random, inputs * units),
          bias: values(random, units),
          dy: values(random, rows * units),
        },
        { forward: inputs, dx: units, dfilter: rows, dbias: rows },
      );
    }
  });

  it('gemm: transposes, batches, shared operands', () => {
    for (let done = 0; done < 60; done++) {
      const [m, n, k, batch] = [integer(random, 1, 40), integer(random, 1, 40), integer(random, 0, 60), integer(random, 1, 4)];
      const [transposeA, transposeB] = [pick(true, false), pick(true, false)];
      const [aStep, bStep] = [pick(0, m * k, m * k), pick(0, k * n, k * n)];
      const a = values(random, (batch - 1) * aStep + m * k);
      const b = values(random, (batch - 1) * bStep + k * n);
      const expected = Float64Array.from({ length: batch * m * n }, (_, i) => {
        const [z, row, column] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum +=
            a[z * aStep + (transposeA ? p * m + row : row * k + p)] *
            b[z * bStep + (transposeB ? column * k + p : p * n + column)];
        }
        return sum;
      });
      for (const bench of benches) {
        const found = run(bench, { a, b }, batch * m * n, (read, c) =>
          gemm(bench, { m, n, k, a: read.a, b: read.b, c, transposeA, transposeB, batch, aStep, bStep }),
        );
        expectWithin(`gemm of ${[m, n, k, batch, transposeA, transposeB, aStep, bStep]}`, found, expected, bound(k));
      }
    }
  });

  it('a NaN in x reaches every output it belongs to, and no other', () => {
    const g = conv2dGeometry([1, 6, 6, 3], [3, 3, 3, 10], { pads: 'same', activation: 'relu6' });
    const x = values(random, 6 * 6 * 3).fill(NaN, 0, 1);
    const data = { x, filter: values(random, 270), bias: values(random, 10), dy: values(random, 360) };
    compare(benches, { wasm: gemmConv2d, reference: convReference }, g, data, { forward: 27, dx: 90, dfilter: 36, dbias: 36 });
  });

  it('gives the same bits on one thread and on two', () => {
    const g = conv2dGeometry([8, 20, 20, 6], [5, 5, 6, 16], { pads: 2, activation: 'relu' });
    const data: Named<Float32Array> = {
      x: values(random, 19200),
      filter: values(random, 2400),
      bias: values(random, 16),
      dy: values(random, 51200),
    };
    const onEach = [one, two].map((runtime) => {
      const place = (from: Float32Array): number => {
        const pointer = runtime.allocate(from.byteLength, 'test');
        runtime.float32(pointer, from.length).set(from);
        return pointer;
      };
      const read = Object.fromEntries(Object.entries(data).map(([name, from]) => [name, place(from)]));
      const results: Float32Array[] = [];
      for (const [part, output, like] of [
        ['forward', 'y', 'dy'],
        ['dx', 'dx', 'x'],
        ['dfilter', 'dfilter', 'filter'],
        ['dbias', 'dbias', 'bias'],
      ] as const) {
        const pointer = place(new Float32Array(data[like].length));
        gemmConv2d[part](read, { [output]: pointer }, g, runtime);
        runtime.endKernel();
        results.push(runtime.float32(pointer, data[like].length).slice());
      }
      return results;
    });
    expect(onEach[1]).toEqual(onEach[0]);
  });
});
