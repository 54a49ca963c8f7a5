import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { initializers, layers } from '../src/index.js';
import { exp, log } from '../src/initializers/exact-math.js';
import { RandomBits } from '../src/initializers/random-bits.js';
import type { InitializerName } from '../src/layers/serializable-options.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

/** Values of one weight, in float64. */
function drawn(initializer: initializers.SeededInitializer, shape: number[]): Float64Array {
  const weight = initializer.apply(shape);
  const values = Float64Array.from(weight.dataSync());
  weight.dispose();
  return values;
}

/** Mean of f over the values. */
const mean = (values: Float64Array, f = (x: number) => x): number => values.reduce((sum, x) => sum + f(x), 0) / values.length;
const deviation = (values: Float64Array): number => Math.sqrt(mean(values, (x) => x * x) - mean(values) ** 2);

/** What the distance of distributions is measured on. */
const SAMPLE = 100_000;

/** Largest distance of the first values' distribution from the one with that cumulative probability. */
function kolmogorov(values: Float64Array, cumulative: (x: number) => number): number {
  const sorted = values.slice(0, SAMPLE).sort();
  return sorted.reduce((worst, x, i) => {
    const p = cumulative(x);
    return Math.max(worst, Math.abs(p - i / sorted.length), Math.abs(p - (i + 1) / sorted.length));
  }, 0);
}

/** Beyond this a sample of n is not of its distribution, but for one in 10^7: 2 exp(-2 n d^2) = 1e-7. */
const kolmogorovBound = (n: number): number => Math.sqrt(Math.log(2e7) / (2 * n));

/** Phi(x), by the series x + x^3/3 + x^5/(3 5) + ... times the density. */
function normalBelow(x: number): number {
  if (Math.abs(x) > 8) return x < 0 ? 0 : 1;
  let [term, sum] = [x, x];
  for (let n = 3; Math.abs(term) > 1e-17; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

describe('random bits', () => {
  test('are those of xoshiro128**', () => {
    // A second writing of the generator, in BigInt, from the state that the seeds give.
    const random = new RandomBits(42);
    const mask = 0xffffffffn;
    const state = [...(random as unknown as { state: Int32Array }).state].map((word) => BigInt(word) & mask);
    const rotated = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
    for (let i = 0; i < 3000; i++) {
      const [a, b, c, d] = state as [bigint, bigint, bigint, bigint];
      const result = (rotated((b * 5n) & mask, 7n) * 9n) & mask;
      const [cc, dd] = [c ^ a, d ^ b];
      state[1] = b ^ cc;
      state[0] = a ^ dd;
      state[2] = cc ^ ((b << 9n) & mask);
      state[3] = rotated(dd, 11n);
      expect(random.next() >>> 0).toBe(Number(result));
    }
  });

  test('begin as published, from the state 1, 2, 3, 4', () => {
    const random = new RandomBits(0);
    (random as unknown as { state: Int32Array }).state.set([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, () => random.next())).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });

  test('streams of neighbouring seeds have nothing in common', () => {
    const n = 20_000;
    const streams = Array.from({ length: 40 }, (_, seed) => drawn(initializers.smallRandom({ seed, deviation: 1 }), [n]));
    for (let a = 0; a < streams.length; a++) {
      for (let b = 0; b < a; b++) {
        // The mean of n products of independent normals has deviation 1 / sqrt(n); 780 pairs.
        const product = streams[a]!.reduce((sum, x, i) => sum + x * streams[b]![i]!, 0) / n;
        expect(Math.abs(product)).toBeLessThan(5.5 / Math.sqrt(n));
      }
    }
    // As one sample, first values included.
    const first = Float64Array.from(
      { length: 5000 },
      (_, seed) => drawn(initializers.smallRandom({ seed, deviation: 1 }), [1])[0]!,
    );
    expect(kolmogorov(first, normalBelow)).toBeLessThan(kolmogorovBound(first.length));
  });
});

describe('exact arithmetic', () => {
  test('is what Math.exp and Math.log give', () => {
    for (let x = -8; x <= 8; x += 0.037) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
    for (let x = 1e-12; x < 100; x *= 1.1) expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(1e-13);
  });
});

describe('distributions', () => {
  const n = 1_000_000;

  test('normal: moments, tail and shape', () => {
    const values = drawn(initializers.smallRandom({ seed: 1, deviation: 1 }), [n]);
    // Deviations of the estimates: 1, sqrt 2, sqrt 15, sqrt 96, each over sqrt n.
    expect(Math.abs(mean(values))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(mean(values, (x) => x ** 2) - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(n));
    expect(Math.abs(mean(values, (x) => x ** 3))).toBeLessThan((5 * Math.sqrt(15)) / Math.sqrt(n));
    expect(Math.abs(mean(values, (x) => x ** 4) - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(n));
    expect(kolmogorov(values, normalBelow)).toBeLessThan(kolmogorovBound(SAMPLE));
    // Where the ziggurat's lowest layer hands over to the tail.
    for (const edge of [3, 3.4426, 4]) {
      const expected = 2 * n * normalBelow(-edge);
      expect(Math.abs(values.filter((x) => Math.abs(x) > edge).length - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test('neighbours are independent', () => {
    const values = drawn(initializers.smallRandom({ seed: 5, deviation: 1 }), [n]);
    for (const lag of [1, 2, 128, 1024]) {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += values[i]! * values[i - lag]!;
      expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  test('truncated normal: nothing beyond two deviations, and the rest as it was', () => {
    const values = drawn(initializers.truncatedNormal({ seed: 2, deviation: 1 }), [n]);
    const kept = normalBelow(2) - normalBelow(-2);
    expect(values.every((x) => Math.abs(x) <= 2)).toBe(true);
    expect(kolmogorov(values, (x) => (normalBelow(x) - normalBelow(-2)) / kept)).toBeLessThan(kolmogorovBound(SAMPLE));
    expect(deviation(drawn(initializers.truncatedNormal({ seed: 2 }), [n])) / 0.05).toBeCloseTo(0.8796, 2);
  });

  test('uniform', () => {
    const values = drawn(initializers.torchDefault({ seed: 3, fanIn: 16 }), [n]);
    expect(values.every((x) => x >= -0.25 && x < 0.25)).toBe(true);
    expect(kolmogorov(values, (x) => (x + 0.25) / 0.5)).toBeLessThan(kolmogorovBound(SAMPLE));
  });
});

describe('initializers', () => {
  const kernel = [3, 3, 40, 160];
  const he = Math.sqrt(2);
  const [fanIn, fanOut] = [360, 1440];
  const cases: [string, initializers.SeededInitializer, number][] = [
    ['heNormal', initializers.heNormal({ seed: 1 }), he / Math.sqrt(fanIn)],
    ['heNormal, fan out', initializers.heNormal({ seed: 1, mode: 'fanOut' }), he / Math.sqrt(fanOut)],
    ['heUniform, gain', initializers.heUniform({ seed: 1, gain: 3 }), 3 / Math.sqrt(fanIn)],
    ['xavierNormal', initializers.xavierNormal({ seed: 1 }), Math.sqrt(2 / (fanIn + fanOut))],
    ['xavierUniform, gain', initializers.xavierUniform({ seed: 1, gain: 2 }), 2 * Math.sqrt(2 / (fanIn + fanOut))],
    ['inverseSqrt', initializers.inverseSqrt({ seed: 1 }), 1 / Math.sqrt(fanIn)],
    ['inverseSqrt, fan given', initializers.inverseSqrt({ seed: 1, fanIn: 9 }), 1 / 3],
    ['heNormal, fan out given', initializers.heNormal({ seed: 1, mode: 'fanOut', fanOut: 9 }), he / 3],
    ['torchDefault', initializers.torchDefault({ seed: 1 }), 1 / Math.sqrt(3 * fanIn)],
    ['smallRandom', initializers.smallRandom({ seed: 1 }), 0.01],
    ['VarianceScaling', new initializers.VarianceScaling({ seed: 1, scale: 4 }), 2 / Math.sqrt(fanIn)],
    ['RandomNormal', new initializers.RandomNormal({ seed: 1, deviation: 2 }), 2],
  ];
  test.each(cases)('%s: deviation of a convolution', (_, initializer, expected) => {
    const values = drawn(initializer, kernel);
    expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(5 / Math.sqrt(2 * values.length));
    expect(Math.abs(mean(values))).toBeLessThan((5 * expected) / Math.sqrt(values.length));
  });

  test('fans of a dense kernel are inputs and units', () => {
    expect(deviation(drawn(initializers.heNormal({ seed: 1, gain: 1 }), [100, 400]))).toBeCloseTo(0.1, 2);
    expect(deviation(drawn(initializers.heNormal({ seed: 1, gain: 1, mode: 'fanOut' }), [100, 400]))).toBeCloseTo(0.05, 2);
  });

  test('sparse: so many connections of each unit, anywhere among its inputs', () => {
    const [inputs, units] = [50, 2000];
    const values = drawn(initializers.sparse({ seed: 4, connections: 5, deviation: 3 }), [inputs, units]);
    const chosen = new Float64Array(inputs);
    for (let co = 0; co < units; co++) {
      let count = 0;
      for (let ci = 0; ci < inputs; ci++) {
        if (values[ci * units + co] === 0) continue;
        count++;
        chosen[ci]!++;
      }
      expect(count).toBe(5);
    }
    // Each input is chosen by a tenth of the units.
    for (const count of chosen) expect(Math.abs(count - 200)).toBeLessThan(5 * Math.sqrt(2000 * 0.1 * 0.9));
    expect(deviation(values) / (3 * Math.sqrt(0.1))).toBeCloseTo(1, 1);
    expect(drawn(new initializers.Sparse({ seed: 4 }), [2, 2, 3, 7]).every((x) => x !== 0)).toBe(true);
  });

  test('one seed: the same bits again, other ones for another shape; no seed: others each time', () => {
    const seeded = initializers.heNormal({ seed: 9 });
    expect(drawn(seeded, kernel)).toEqual(drawn(initializers.heNormal({ seed: 9 }), kernel));
    expect(drawn(seeded, [10, 20]).slice(0, 5)).not.toEqual(drawn(initializers.heNormal({ seed: 10 }), [10, 20]).slice(0, 5));
    const [narrow, wide] = [drawn(seeded, [64, 64]), drawn(seeded, [64, 128])];
    expect(Math.sign(narrow[0]! * wide[0]!) === 1 && narrow[0]! / wide[0]! === narrow[1]! / wide[1]!).toBe(false);
    expect(drawn(initializers.heNormal(), [10])).not.toEqual(drawn(initializers.heNormal(), [10]));
  });

  test('bits for a seed stay what they are from release to release', () => {
    const values = drawn(initializers.smallRandom({ seed: 2026, deviation: 1 }), [4, 2000]);
    expect([...values.slice(0, 3), values[7999], values.reduce((sum, x) => sum + x)]).toEqual([
      0.9140737056732178, -0.40398070216178894, -0.9046223163604736, -0.04946620389819145, -20.09511371627741,
    ]);
  });

  test('what makes no sense is refused', () => {
    expect(() => initializers.heNormal({ gain: Number.NaN })).toThrow('scale must be a finite number above 0, got NaN');
    expect(() => initializers.heNormal({ seed: 1.5 })).toThrow('CnnVarianceScaling: seed must be an integer, got 1.5');
    expect(() => initializers.heNormal({ seed: '1' as never })).toThrow('seed must be an integer, got "1"');
    expect(() => initializers.sparse({ connections: 1.5 })).toThrow('connections must be a positive integer, got 1.5');
    expect(() => initializers.smallRandom({ deviation: -1 })).toThrow('CnnRandomNormal: deviation must be');
    expect(() => initializers.torchDefault().apply([64])).toThrow('fanIn, that of the kernel beside it, must be given');
    expect(() => initializers.heNormal().apply([2, 2], 'int32')).toThrow("dtype must be 'float32', got 'int32'");
    expect(() => new initializers.VarianceScaling({ mode: 'fan' as 'fanIn' })).toThrow('one of fanIn, fanOut, fanAverage');
  });

  test.each([
    initializers.heUniform({ seed: 1, mode: 'fanOut', fanIn: 3 }),
    initializers.smallRandom({ seed: 2 }),
    initializers.truncatedNormal({ seed: 3 }),
    initializers.sparse({ seed: 4, connections: 2 }),
    new initializers.TorchDefault({ seed: 5, fanIn: 7 }),
  ])('%#: a saved model begins alike', async (kernelInitializer) => {
    const build = (layer: layers.Dense) => tfl.sequential({ layers: [layer] });
    const layer = layers.dense({ units: 6, inputShape: [5], kernelInitializer });
    const config = JSON.parse(JSON.stringify(layer.getConfig())) as layers.DenseOptions;
    const [saved, loaded] = [build(layer), build(layers.dense({ ...config, name: 'loaded' }))];
    expect(loaded.getWeights()[0]!.dataSync()).toEqual(saved.getWeights()[0]!.dataSync());
    // And so does a stock layer that takes it.
    const options = { units: 6, inputShape: [5], kernelInitializer } as Parameters<typeof tfl.layers.dense>[0];
    const modelTopology = tfl
      .sequential({ layers: [tfl.layers.dense(options)] })
      .toJSON(null, false) as tf.io.ModelJSON['modelTopology'];
    const stock = await tfl.loadLayersModel({ load: () => Promise.resolve({ modelTopology }) });
    expect(stock.getWeights()[0]!.dataSync()).toEqual(saved.getWeights()[0]!.dataSync());
  });
});

describe('names in a layer', () => {
  const names: [InitializerName, number][] = [
    ['heNormal', 0.8796 * Math.sqrt(2 / 100)],
    ['heUniform', Math.sqrt(2 / 100)],
    ['leCunNormal', 0.8796 * 0.1],
    ['leCunUniform', 0.1],
    ['glorotNormal', 0.8796 * Math.sqrt(2 / 500)],
    ['glorotUniform', Math.sqrt(2 / 500)],
    ['truncatedNormal', 0.8796 * 0.05],
    ['randomNormal', 0.05],
    ['xavierNormal', Math.sqrt(2 / 500)],
    ['xavierUniform', Math.sqrt(2 / 500)],
    ['inverseSqrt', 0.1],
    ['torchDefault', 0.1 / Math.sqrt(3)],
    ['smallRandom', 0.01],
    ['sparse', 0.01 * Math.sqrt(0.15)],
  ];
  test.each(names)('%s', (kernelInitializer, expected) => {
    const kernelOf = (layer: tfl.layers.Layer) =>
      Float64Array.from(
        tfl
          .sequential({ layers: [layer] })
          .getWeights()[0]!
          .dataSync(),
      );
    const options = { units: 400, inputShape: [100], kernelInitializer };
    const own = deviation(kernelOf(layers.dense(options)));
    expect(Math.abs(own / expected - 1)).toBeLessThan(0.02);
    // Where tfjs-layers has the name too, its own layer begins alike.
    if (kernelInitializer in tfl.initializers) {
      const stock = kernelOf(tfl.layers.dense(options as Parameters<typeof tfl.layers.dense>[0]));
      expect(deviation(stock) / own).toBeCloseTo(1, 1);
      expect(Math.max(...stock) / Math.max(...kernelOf(layers.dense(options)))).toBeCloseTo(1, 0);
    }
  });

  test('an unknown one is answered by all there are', () => {
    expect(() => layers.dense({ units: 1, kernelInitializer: 'he' as 'heNormal' })).toThrow(
      /one of .*glorotNormal.*zeros.*xavierUniform.*sparse.*got 'he'/,
    );
  });
});
