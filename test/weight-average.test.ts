/** Moving averages of weights, and gradients of several batches taken together. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { GradientAccumulator, layers, Sgd, softmaxCrossEntropy, WeightAverage } from '../src/index.js';
import { listeningToRenewals } from '../src/renewal.js';
import { uniform } from './golden-fill.js';

describe.each(['cpu', 'wasm-cnn'])('WeightAverage on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  /** A variable that takes the values one after the other; the average after each. */
  function averages(values: number[], options: ConstructorParameters<typeof WeightAverage>[1]): number[] {
    const x = tf.scalar(8).variable();
    const average = new WeightAverage({ x }, options);
    const found = values.map((value) => {
      x.assign(tf.scalar(value));
      average.update();
      return average.slots()['x/average'].dataSync()[0];
    });
    average.dispose();
    x.dispose();
    return found;
  }

  it('moves by 1 - decay', () => {
    expect(averages([0, 4, 4], { decay: 0.5, warmUp: false })).toEqual([4, 4, 4]);
    expect(averages([0, 0], { decay: 0.75, warmUp: false })).toEqual([6, 4.5]);
  });

  it("begins with smaller decays: TensorFlow's num_updates", () => {
    const found = averages([0, 0, 0], { decay: 0.24 });
    // 2 / 11, then 0.24, which is below 3 / 12.
    expect(found).toEqual([8 * (2 / 11), 8 * (2 / 11) * 0.24, 8 * (2 / 11) * 0.24 ** 2].map((value) => expect.closeTo(value, 6)));
  });

  it('copies the weights for so many updates, NaN or not', () => {
    expect(averages([NaN, 2, 0], { decay: 0.5, warmUp: false, updateAfterStep: 2 })).toEqual([NaN, 2, 1]);
  });

  it('is in the net while something runs, and out of it whatever happens', async () => {
    const net = tfl.sequential({ layers: [layers.dense({ inputShape: [2], units: 2 }), layers.batchNormalization({})] });
    const before = tf.memory().numTensors;
    const average = new WeightAverage(net, { decay: 0.5, warmUp: false });
    const all = () => net.getWeights().map((weight) => Array.from(weight.dataSync()));
    const start = all();
    net.setWeights(net.getWeights().map((weight) => tf.tidy(() => tf.add(weight, 1))));
    const later = all();
    average.update();
    // Moving statistics are averaged as weights are.
    const half = start.map((values) => values.map((value) => expect.closeTo(value + 0.5, 5)));
    expect(await average.during(() => all())).toEqual(half);
    expect(all()).toEqual(later);
    const fails = average.during(() => {
      expect(() => average.update()).toThrow('the net has the average now; swap back');
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    expect(all()).toEqual(later);
    average.dispose();
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(net.weights.length);
    net.dispose();
  });

  it('goes on from a checkpoint', () => {
    const x = tf.tensor1d([1, 2]).variable();
    const [one, two] = [new WeightAverage({ x }), new WeightAverage({ x })];
    const move = (average: WeightAverage) => {
      x.assign(tf.tensor1d([5, 6]));
      average.update();
      return Array.from(average.slots()['x/average'].dataSync());
    };
    move(one);
    two.loadSlots({ 'x/average': tf.tensor1d(one.slots()['x/average'].dataSync()) });
    two.restore(JSON.parse(JSON.stringify(one.state())));
    expect(move(two)).toEqual(move(one));
    expect(one.state()).toEqual({ updates: 2 });
    expect(() => two.loadSlots({})).toThrow("WeightAverage: the average of 'x' is not among those to be loaded");
    expect(() => two.loadSlots({ 'x/average': tf.zeros([3]) })).toThrow('is float32 [3], expected float32 [2]');
    expect(() => two.loadSlots({ 'x/mean': tf.zeros([2]) })).toThrow("'x/mean' is no slot of this optimizer; slots are average");
    expect(() => two.restore({ updates: -1 })).toThrow(
      "WeightAverage: the state's updates must be an integer, 0 or more, got -1",
    );
    for (const average of [one, two]) average.dispose();
    x.dispose();
  });

  it('refuses what makes no sense', () => {
    const x = tf.scalar(1).variable();
    const make = (options: object) => () => new WeightAverage({ x }, options);
    expect(make({ decay: 1 })).toThrow('WeightAverage: decay must be a number in [0, 1), got 1');
    expect(make({ warmUp: 3 })).toThrow('WeightAverage: warmUp must be true or false, got 3');
    expect(make({ updateAfterStep: -1 })).toThrow('WeightAverage: updateAfterStep must be an integer, 0 or more, got -1');
    expect(make({ warmup: true })).toThrow("WeightAverage: there is no option 'warmup'; it has decay, warmUp, updateAfterStep");
    x.dispose();
  });
});

describe.each(['cpu', 'wasm-cnn'])('GradientAccumulator on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  const BATCH = 12;

  /** A net without batch normalisation after three steps of 12 pictures, in parts of these sizes. */
  function trained(parts: readonly number[]): number[] {
    const seeded = (seed: number) => tfl.initializers.heNormal({ seed });
    const net = tfl.sequential({
      layers: [
        layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: 'relu', kernelInitializer: seeded(1) }),
        layers.flatten(),
        layers.dense({ units: 3, kernelInitializer: seeded(2) }),
      ],
    });
    const variables = net.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const optimizer = new Sgd({ learningRate: 0.1, momentum: 0.9 });
    const accumulator = new GradientAccumulator();
    const x = tf.tensor4d(Float32Array.from(uniform('pictures', BATCH * 72)), [BATCH, 6, 6, 2]);
    const labels = tf.tensor1d(Array.from({ length: BATCH }, (_, i) => i % 3));
    for (let step = 0; step < 3; step++) {
      let begin = 0;
      for (const size of parts) {
        const at = begin;
        const { value, grads } = optimizer.computeGradients(() => {
          const logits = net.apply(tf.slice(x, at, size), { training: true }) as tf.Tensor2D;
          return softmaxCrossEntropy(logits, tf.slice(labels, at, size)) as tf.Scalar;
        }, variables);
        accumulator.add(grads, size);
        tf.dispose([value, grads as unknown as tf.Tensor]);
        begin += size;
      }
      const gradients = accumulator.take();
      optimizer.applyGradients(gradients);
      tf.dispose(gradients);
    }
    const values = net.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    for (const held of [net, optimizer, accumulator]) held.dispose();
    tf.dispose([x, labels]);
    return values;
  }

  it.each([[[4, 4, 4]], [[1, 7, 4]]])('of batches of %j equals the large batch', (parts) => {
    const [whole, summed] = [trained([BATCH]), trained(parts)];
    // Weights below 2; three steps whose gradients are sums of a few hundred products, in another order.
    summed.forEach((value, i) => expect(Math.abs(value - whole[i])).toBeLessThan(3 * 300 * 2 ** -24 * 2));
  });

  it('begins anew after take, without weights that have no gradient any more', () => {
    const accumulator = new GradientAccumulator();
    const before = tf.memory().numTensors;
    const taken = () => {
      const gradients = accumulator.take();
      const values = Object.entries(gradients).map(([name, tensor]) => [name, tensor.dataSync()[0]]);
      tf.dispose(gradients);
      return Object.fromEntries(values);
    };
    const [one, three] = [tf.scalar(1), tf.scalar(3)];
    accumulator.add({ a: three, b: one });
    accumulator.add({ a: one, b: one });
    expect(taken()).toEqual({ a: 2, b: 1 });
    accumulator.add({ a: one });
    expect(taken()).toEqual({ a: 1 });
    accumulator.add({ a: one }, 3);
    accumulator.add({ a: three });
    expect(taken()).toEqual({ a: 1.5 });
    expect(() => accumulator.add({ a: one }, 0)).toThrow('GradientAccumulator: weight must be a finite number above 0, got 0');
    accumulator.dispose();
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([one, three]);
  });

  it('makes in a replay the shares of a step that is run', () => {
    const accumulator = new GradientAccumulator();
    const gradient = tf.scalar(1);
    const shares: unknown[] = [];
    const again: (() => unknown)[] = [];
    const listener = {
      renewed: (geometry: object, make: () => object) => {
        shares.push((geometry as { share: number }).share);
        again.push(() => (make() as { share: number }).share);
      },
      repeated: (effect: () => void) => void again.push(effect),
    };
    const round = () => {
      accumulator.add({ a: gradient });
      accumulator.add({ a: gradient });
      tf.dispose(accumulator.take());
    };
    listeningToRenewals(listener, round);
    expect(shares).toEqual([1, 0.5]);
    for (let i = 0; i < 2; i++) expect(again.map((each) => each()).filter((share) => share !== undefined)).toEqual([1, 0.5]);
    accumulator.dispose();
    gradient.dispose();
  });
});
