/** Scaled losses: what is scaled comes out as it would without, what is not finite changes nothing, and the scale moves as PyTorch's does. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import '../src/index.js';
import { DataLoader } from '../src/data/data-loader.js';
import {
  Adam,
  autocast,
  createOptimizer,
  crossEntropy,
  type GradientScaler,
  type LossFunction,
  LossScaler,
  OPTIMIZERS,
  Sgd,
  Trainer,
  type TrainerOptions,
} from '../src/train/index.js';
import { halves, Kept, linear } from './learning-tasks.js';

const BACKENDS = ['cpu', 'wasm-cnn'];

const numberOf = (tensor: tf.Tensor): number => tensor.dataSync()[0]!;

/** Two weights, and gradients for them. */
function weights() {
  const a = tf.variable(tf.tensor1d([1, -2, 3]));
  const b = tf.variable(tf.tensor2d([[0.5], [4]]));
  const gradients = (...numbers: number[]): tf.NamedTensorMap => ({
    [a.name]: tf.tensor1d(numbers.slice(0, 3)),
    [b.name]: tf.tensor2d(numbers.slice(3), [2, 1]),
  });
  return { a, b, gradients, values: () => [a, b].map((weight) => [...weight.dataSync()]) };
}

describe.each(BACKENDS)('on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test.each(OPTIMIZERS)('%s steps as it would without a scale, which is a power of two', (name) => {
    for (const clipNorm of [undefined, 0.5]) {
      const found = [1024, undefined].map((initialScale) => {
        const { gradients, values } = weights();
        const optimizer = createOptimizer(name, { learningRate: 0.1, clipNorm });
        const scaler = initialScale ? new LossScaler({ initialScale }) : undefined;
        for (const step of [1, -2, 3]) {
          const scale = step * (initialScale ?? 1);
          optimizer.applyGradients(gradients(...[1, -0.25, 0.125, 0.5, -2].map((x) => x * scale)), scaler);
        }
        return [values(), Object.values(optimizer.slots()).map((slot) => [...slot.dataSync()])];
      });
      // Scaling by powers of two rounds nothing, but the norm's 1e-6 is added to another number: not here, where nothing is near it.
      expect(found[0]).toEqual(found[1]);
    }
  });

  test.each(OPTIMIZERS)('%s leaves every weight and slot as it is where one number is not finite', (name) => {
    for (const [clipNorm, wrong] of [
      [undefined, Infinity],
      [undefined, NaN],
      [1, -Infinity],
    ] as const) {
      const { gradients, values } = weights();
      const optimizer = createOptimizer(name, { learningRate: 0.1, clipNorm });
      const scaler = new LossScaler({ initialScale: 8 });
      // Before the slots are there, and afterwards.
      const untouched = values();
      optimizer.applyGradients(gradients(1, 2, wrong, 4, 5), scaler);
      expect(values()).toEqual(untouched);
      optimizer.applyGradients(gradients(1, 2, 3, 4, 5), scaler);
      const state = () => [values(), Object.values(optimizer.slots()).map((slot) => [...slot.dataSync()])];
      const before = state();
      expect(before[0]).not.toEqual(untouched);
      optimizer.applyGradients(gradients(1, 2, 3, wrong, 5), scaler);
      expect(state()).toEqual(before);
      optimizer.applyGradients(gradients(1, 2, 3, 4, 5), scaler);
      expect(state()).not.toEqual(before);
      expect(numberOf(scaler.skipped)).toBe(2);
    }
  });

  test('weights that are longer than they may be stay so, too, until a step is taken', () => {
    const { gradients, values } = weights();
    const [optimizer, scaler] = [new Sgd({ learningRate: 0.1, maxNorm: 0.25 }), new LossScaler({ initialScale: 8 })];
    const untouched = values();
    optimizer.applyGradients(gradients(1, 2, 3, 4, NaN), scaler);
    expect(values()).toEqual(untouched);
    optimizer.applyGradients(gradients(1, 2, 3, 4, 5), scaler);
    // A matrix has units, a line of biases none.
    expect(Math.hypot(...values()[1]!)).toBeCloseTo(0.25, 6);
  });

  /** Steps, each good or not; the scale after each. */
  function scales(scaler: LossScaler, steps: string): number[] {
    const { gradients } = weights();
    const optimizer = new Sgd({ learningRate: 0 });
    return [...steps].map((step) => {
      optimizer.applyGradients(gradients(0, 0, 0, 0, step === '+' ? 1 : Infinity), scaler);
      return numberOf(scaler.scale);
    });
  }

  test('the scale is halved by a step that is left out, and doubled by good ones in a row', () => {
    expect(numberOf(new LossScaler().scale)).toBe(65536);
    const scaler = new LossScaler({ initialScale: 16, growthInterval: 3 });
    expect(scales(scaler, '++-+++++-++++')).toEqual([16, 16, 8, 8, 8, 16, 16, 16, 8, 8, 8, 16, 16]);
    expect(numberOf(scaler.skipped)).toBe(2);
    expect(scales(new LossScaler({ initialScale: 2, backoffFactor: 0.25 }), '--')).toEqual([1, 1]);
    expect(scales(new LossScaler({ initialScale: 0.5 }), '-')).toEqual([0.5]);
    expect(scales(new LossScaler({ initialScale: 2 ** 64, growthInterval: 1 }), '+')).toEqual([2 ** 64]);
    expect(scales(new LossScaler({ initialScale: 3, growthFactor: 1.5, growthInterval: 1 }), '++')).toEqual([4.5, 6.75]);
  });

  test('a static scale stays, and steps are left out all the same', () => {
    const scaler = new LossScaler({ initialScale: 16, growthInterval: 1, dynamic: false });
    expect(scales(scaler, '+-+')).toEqual([16, 16, 16]);
    expect(numberOf(scaler.skipped)).toBe(1);
  });

  test('the default doubles after 2000 good steps', () => {
    const { gradients } = weights();
    const scaler = new LossScaler();
    const slots = scaler.slots();
    slots['goodSteps']!.assign(tf.scalar(1998));
    const optimizer = new Sgd({ learningRate: 0 });
    const step = () => optimizer.applyGradients(gradients(1, 1, 1, 1, 1), scaler);
    step();
    expect(numberOf(scaler.scale)).toBe(65536);
    step();
    expect(numberOf(scaler.scale)).toBe(131072);
  });

  test('a step leaves nothing behind', () => {
    const { gradients } = weights();
    const scaler = new LossScaler();
    const optimizer = new Adam({ clipNorm: 1 });
    const given = gradients(1, 2, 3, 4, 5);
    optimizer.applyGradients(given, scaler);
    const before = tf.memory().numTensors;
    optimizer.applyGradients(given, scaler);
    expect(tf.memory().numTensors).toBe(before);
    optimizer.dispose();
    scaler.dispose();
  });

  /** Losses and weights of a training on two classes that a line divides. */
  async function training(options: Partial<TrainerOptions> = {}, epochs = 3, learningRate = 0.05) {
    const net = linear();
    const optimizer = new Sgd({ learningRate, momentum: 0.9 });
    const trainer = new Trainer(net, { optimizer, ...options });
    const { losses } = await trainer.fit(new DataLoader(halves(64), { batchSize: 8 }), { epochs });
    const { whyEager } = trainer;
    const values = net.getWeights().map((weight) => [...weight.dataSync()]);
    trainer.dispose();
    optimizer.dispose();
    net.dispose();
    return { losses, values, whyEager };
  }

  test('a training with a scale is the training without, to the bit; compiled where others are', async () => {
    const lossScaler = new LossScaler({ growthInterval: 5 });
    const scaled = await training({ lossScaler });
    const plain = await training();
    expect(scaled).toEqual(plain);
    // 24 steps, four times five of them.
    expect(numberOf(lossScaler.scale)).toBe(65536 * 2 ** 4);
    const together = [new LossScaler(), undefined].map((scaler) => training({ lossScaler: scaler, accumulate: 2 }));
    const [found, expected] = await Promise.all(together);
    expect(found!.losses).toHaveLength(12);
    expect(found).toEqual(expected);
  });

  test('a scale too large is halved until the gradients fit; the loss that is told is not scaled', async () => {
    const loss: LossFunction = (...of) => tf.mul(crossEntropy()(...of), 1024);
    const lossScaler = new LossScaler({ initialScale: 2 ** 64 });
    const { losses } = await training({ loss, lossScaler }, 3, 0.0001);
    const skipped = numberOf(lossScaler.skipped);
    expect(skipped).toBeGreaterThan(2);
    expect(skipped).toBeLessThan(20);
    expect(numberOf(lossScaler.scale)).toBe(2 ** (64 - skipped));
    // The steps that are left out change nothing: losses are those of the net as it was, up to the first that is taken.
    const still = await training({ loss }, 3, 0);
    expect(losses.slice(0, skipped + 1)).toEqual(still.losses.slice(0, skipped + 1));
    expect(losses[skipped + 1]).toBeLessThan(still.losses[skipped + 1]!);
  });

  test('goes on from a checkpoint with the scale that it had', async () => {
    const store = new Kept();
    const scaler = () => new LossScaler({ initialScale: 2 ** 64, growthInterval: 4 });
    const unbroken = await training({ lossScaler: scaler(), checkpoints: { store } }, 4);
    const lossScaler = scaler();
    const resumed = await training({ lossScaler, checkpoints: { store: store.cutTo(2) } }, 4);
    expect(resumed.losses).toEqual(unbroken.losses);
    expect(resumed.values).toEqual(unbroken.values);
    // One that was trained without goes on with a new one.
    const plain = new Kept();
    await training({ checkpoints: { store: plain } }, 1);
    const fresh = new LossScaler();
    await training({ lossScaler: fresh, checkpoints: { store: plain } }, 2);
    expect(numberOf(fresh.scale)).toBe(65536);
  });
});

describe('says what makes no sense', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
  });

  test.each([
    [{ initialScale: 0 }, /LossScaler: initialScale must be a number above 0.* got 0/],
    [{ initialScale: Infinity }, /initialScale must be/],
    [{ growthFactor: 0.5 }, /growthFactor must be a number, 1 or more, got 0.5/],
    [{ backoffFactor: 1 }, /backoffFactor must be a number in \(0, 1\), got 1/],
    [{ growthInterval: 0 }, /growthInterval must be/],
    [{ dynamic: 'no' as never }, /dynamic must be/],
    [{ scale: 8 } as never, /there is no option 'scale'/],
  ])('%p', (options, message) => {
    expect(() => new LossScaler(options)).toThrow(message);
  });

  test('of slots that are none', () => {
    expect(() => new LossScaler().loadSlots({ scale: tf.scalar(2) })).toThrow(
      "LossScaler: the slot 'goodSteps' must be a number",
    );
  });

  test('of a precision that the backend has not, or nobody', () => {
    expect(() => autocast('float16', () => 1)).toThrow(
      /float16 take the backend 'webgpu' after accelerate\('webgpu'\).* is 'cpu'/,
    );
    expect(() => autocast('bfloat16' as never, () => 1)).toThrow(/'float16' or 'float32', got "bfloat16"/);
    expect(() => autocast('float32', async () => 1)).toThrow(/async function/);
    expect(autocast('float32', () => 1)).toBe(1);
  });

  test('of a trainer', async () => {
    const net = linear();
    const optimizer = new Sgd({ learningRate: 0.05 });
    const make = (options: Partial<TrainerOptions>) => new Trainer(net, { optimizer, ...options });
    expect(() => make({ precision: 'half' as never })).toThrow(/Trainer: precision must be 'float32' or 'float16', got "half"/);
    expect(() => make({ lossScaler: 1024 as never })).toThrow(/lossScaler must be a LossScaler, got 1024/);
    const trainer = make({ precision: 'float16' });
    await expect(trainer.fit(new DataLoader(halves(8), { batchSize: 8 }), { epochs: 1 })).rejects.toThrow(
      /accelerate\('webgpu'\)/,
    );
  });

  test('a scaler of one’s own is asked as LossScaler is', () => {
    const { a, gradients } = weights();
    const told: number[] = [];
    const scaler: GradientScaler = {
      inverse: () => tf.scalar(0.5),
      judge: (squares) => {
        told.push(numberOf(squares));
        return tf.scalar(1);
      },
    };
    new Sgd({ learningRate: 1 }).applyGradients(gradients(1, 0, 0, 0, 2), scaler);
    expect(told).toEqual([5]);
    expect([...a.dataSync()]).toEqual([0.5, -2, 3]);
  });
});
