/** What nets and optimizers do beside convolving: compiled steps do it as eager ones. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import * as layers from '../src/layers/index.js';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { cifarConvNet, cifarResNet20, cifarWideResNet, googLeNet, setLossWeights } from '../src/zoo/index.js';
import { batch, eagerly, expectEqualSteps, expectSameBits, isCompiled, numbersOf, type Trained, trained } from './compiled.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

const linear = { classes: 4, classifierActivation: 'linear', seed: 1 } as const;

/** Two nets alike, and the compiled step of the second. */
function twins(build: () => tfl.LayersModel, optimizer?: () => Sgd): [Trained, Trained, CompiledStep] {
  const [eager, other] = [trained(build(), optimizer?.()), trained(build(), optimizer?.())];
  return [eager, other, new CompiledStep(other.model, other.step)];
}

function end(eager: Trained, other: Trained, compiled: CompiledStep): void {
  compiled.dispose();
  eager.dispose();
  other.dispose();
}

const nets: Record<string, () => tfl.LayersModel> = {
  'a net with dropout': () => cifarConvNet({ ...linear, inputShape: [12, 12, 3] }),
  'blocks that compute twice, with dropout': () =>
    cifarWideResNet({ ...linear, inputShape: [8, 8, 3], depth: 10, widenFactor: 1, dropout: 0.3, recompute: true }),
  'auxiliary heads with dropout': () => googLeNet({ ...linear, width: 4, inputShape: [79, 79, 3], auxiliary: true }),
  'penalties of weights': () =>
    tfl.sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          inputShape: [8, 8, 2],
          kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.01, l2: 0.02 }),
          kernelInitializer: tfl.initializers.randomNormal({ seed: 1 }),
        }),
        layers.flatten(),
        layers.dense({
          units: 3,
          kernelRegularizer: tfl.regularizers.l2({ l2: 0.03 }),
          kernelInitializer: tfl.initializers.randomNormal({ seed: 2 }),
        }),
      ],
    }),
  'layers of tfjs beside ours': () =>
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          inputShape: [9, 9, 2],
          activation: 'tanh',
          kernelInitializer: tfl.initializers.randomNormal({ seed: 1 }),
        }),
        tfl.layers.batchNormalization({ momentum: 0.8 }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.permute({ dims: [3, 1, 2] }),
        tfl.layers.flatten(),
        layers.dense({ units: 3, kernelInitializer: tfl.initializers.randomNormal({ seed: 2 }) }),
      ],
    }),
};

test.each(Object.keys(nets))('%s', (name) => {
  const [eager, other, compiled] = twins(nets[name]!);
  expectEqualSteps(eager, other, compiled, [4, 4, 4, 4, 4, 4]);
  expect(compiled.whyEager).toBeUndefined();
  expect(isCompiled(compiled, other, 4)).toBe(true);
  // What each has drawn and counted.
  const states = ({ model, optimizer }: Trained) => [
    optimizer.iterations,
    ...model.layers.map((layer) => (layer as layers.CnnLayer).trainingState?.()),
  ];
  expect(states(other)).toEqual(states(eager));
  end(eager, other, compiled);
});

test('eager steps and compiled ones may come in any order, and so may sizes of batches', () => {
  const [eager, other, compiled] = twins(() => cifarResNet20({ ...linear, width: 2, inputShape: [8, 8, 3] }));
  const sizes = [4, 4, 4, 3, 4, 3, 3, 3, 4, 2, 1, 2, 1, 2, 1, 4, 3];
  sizes.forEach((size, i) => {
    const inputs = batch(eager.model, size, i);
    const expected = eagerly(eager, inputs);
    expectSameBits(i % 5 === 4 ? eagerly(other, inputs) : numbersOf(compiled.run(inputs)), expected, `results of step ${i}`);
    expectSameBits(other.numbers(), eager.numbers(), `weights after step ${i}`);
  });
  expect([4, 3, 2, 1].map((size) => isCompiled(compiled, other, size))).toEqual([true, true, true, true]);
  end(eager, other, compiled);
});

test('layers may be frozen and thawed between steps', () => {
  const [eager, other, compiled] = twins(() => cifarResNet20({ ...linear, width: 2, inputShape: [8, 8, 3] }));
  expectEqualSteps(eager, other, compiled, [4, 4, 4, 4]);
  expect(isCompiled(compiled, other, 4)).toBe(true);
  for (const trainable of [false, true]) {
    for (const { model } of [eager, other]) model.layers.slice(0, 6).forEach((layer) => (layer.trainable = trainable));
    expectEqualSteps(eager, other, compiled, [4, 4, 4, 4, 4], 10);
    expect(isCompiled(compiled, other, 4)).toBe(true);
  }
  end(eager, other, compiled);
});

test('learning rates and momenta may change from step to step, clipping and penalties are the optimizer’s', () => {
  const optimizer = () => new Sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01, clipValue: 0.05 });
  const [eager, other, compiled] = twins(nets['penalties of weights']!, optimizer);
  [0.1, 0.2, 0.05, 0, 0.1, 0.3].forEach((rate, i) => {
    for (const one of [eager, other]) {
      one.optimizer.setLearningRate(rate);
      one.optimizer.setMomentum(0.9 - i * 0.05);
    }
    expectEqualSteps(eager, other, compiled, [4], i);
  });
  expect(isCompiled(compiled, other, 4)).toBe(true);
  end(eager, other, compiled);
});

test('whoever holds a weight’s tensor keeps its numbers; weights and slots may be set between steps', () => {
  const [eager, other, compiled] = twins(nets['penalties of weights']!);
  expectEqualSteps(eager, other, compiled, [4, 4, 4, 4]);
  const weights = other.model.getWeights().map((weight) => tf.clone(weight));
  const slots = Object.fromEntries(Object.entries(other.optimizer.slots()).map(([name, slot]) => [name, tf.clone(slot)]));
  const [weightsThen, state] = [weights.map((weight) => weight.dataSync<'float32'>().slice()), other.optimizer.state()];
  expectEqualSteps(eager, other, compiled, [4, 4], 4);
  expectSameBits(
    weights.map((weight) => weight.dataSync<'float32'>()),
    weightsThen,
    'weights that were kept',
  );
  // Back to where they were, both of them, each with slots by its own names.
  const names = Object.keys(eager.optimizer.slots());
  const renamed = (of: Trained) => Object.keys(of.optimizer.slots());
  for (const one of [eager, other]) {
    one.model.setWeights(weights);
    const given = Object.values(slots);
    one.optimizer.loadSlots(Object.fromEntries(renamed(one).map((name, i) => [name, given[i]!])));
  }
  expect(names.length).toBeGreaterThan(0);
  other.optimizer.restore(state);
  expectEqualSteps(eager, other, compiled, [4, 4, 4], 6);
  expect(isCompiled(compiled, other, 4)).toBe(true);
  tf.dispose([weights, slots]);
  end(eager, other, compiled);
});

test('what decides which kernels run may change between steps', () => {
  const [eager, other, compiled] = twins(() => cifarResNet20({ ...linear, width: 16, inputShape: [8, 8, 3] }));
  const { runtime } = tf.backend() as unknown as WasmCnnBackend;
  const changes: (() => void)[] = [
    () => {
      for (const { model } of [eager, other]) setLossWeights(model, [0.5]);
    },
    () => tf.env().set('CNN_WINOGRAD', false),
    () => {
      runtime.singleThreaded = false;
    },
    () => tf.env().set('CNN_WINOGRAD', true),
    () => {
      for (const { model } of [eager, other]) model.layers[2]!.trainable = false;
    },
  ];
  // Workspace is cut by the number of threads: from one to more.
  runtime.singleThreaded = true;
  expectEqualSteps(eager, other, compiled, [2, 2, 2, 2]);
  for (const change of changes) {
    expect(isCompiled(compiled, other, 2)).toBe(true);
    change();
    expectEqualSteps(eager, other, compiled, [2, 2, 2, 2], 4);
  }
  expect(isCompiled(compiled, other, 2)).toBe(true);
  end(eager, other, compiled);
});

/** Multiplies by a variable as it was before this step, which counts up meanwhile. */
class Counting extends layers.CnnLayer {
  static className = 'Counting';
  private count: tfl.LayerVariable | undefined;
  override build(): void {
    this.count = this.addWeight('count', [3], 'float32', tfl.initializers.ones(), undefined, false);
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const before = tf.clone(this.count!.read());
      this.count!.write(tf.add(before, 1));
      this.count!.write(tf.mul(this.count!.read(), 2));
      return tf.mul([inputs].flat()[0]!, before);
    });
  }
  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return shape as tfl.Shape;
  }
}

test('a variable’s value from before is read after it was changed', () => {
  const build = () =>
    tfl.sequential({
      layers: [
        layers.flatten({ inputShape: [2, 2, 1] }),
        layers.dense({ units: 3, kernelInitializer: tfl.initializers.randomNormal({ seed: 1 }) }),
        new Counting({ name: 'counting' }),
      ],
    });
  const [eager, other, compiled] = twins(build);
  expectEqualSteps(eager, other, compiled, [4, 4, 4, 4, 4, 4]);
  expect(isCompiled(compiled, other, 4)).toBe(true);
  end(eager, other, compiled);
});
