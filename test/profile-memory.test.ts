/** The foretold memory of a training step against that of real steps on wasm-cnn. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { WasmCnnBackend as Backend } from '../src/backends/wasm-cnn/backend.js';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import { cifarResNet20, createOptimizer, layers, leNet5, maxBatch, type OptimizerName, profile, resNet18 } from '../src/index.js';
import { crossEntropy, lossOf } from '../src/train/loss.js';

/** A wasm-cnn of its own, so that nothing of other tests is on the heap. */
async function freshBackend(): Promise<WasmCnnBackend> {
  tf.removeBackend('wasm-cnn');
  tf.registerBackend('wasm-cnn', async () => new Backend(await CnnRuntime.create()), 2);
  await tf.setBackend('wasm-cnn');
  return tf.backend() as unknown as WasmCnnBackend;
}

/** Peak of the heap in the second of two real steps, as a Trainer takes them eagerly. */
function measuredPeak(backend: WasmCnnBackend, model: tfl.LayersModel, batchSize: number, name: OptimizerName = 'sgd'): number {
  const optimizer = createOptimizer(name, { learningRate: 0.001, ...(name === 'sgd' && { momentum: 0.9 }) });
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const shape = [batchSize, ...(model.inputs[0]!.shape.slice(1) as number[])];
  for (let step = 0; step < 2; step++) {
    backend.resetHeapPeak();
    tf.tidy(() => {
      const x = tf.tensor(new Float32Array(tf.util.sizeFromShape(shape)).fill(0.5), shape);
      const labels = tf.tensor1d(new Float32Array(batchSize));
      optimizer.minimize(
        () => {
          const { loss, output } = lossOf(model, crossEntropy(), x, labels);
          tf.keep(output);
          return loss;
        },
        false,
        variables,
      );
    });
  }
  optimizer.dispose();
  return backend.memory().heapPeak;
}

const nets: [string, number, () => tfl.LayersModel][] = [
  ['LeNet-5', 64, () => leNet5()],
  ['LeNet-5 of 1998', 16, () => leNet5({ variant: '1998' })],
  ['CIFAR ResNet-20', 32, () => cifarResNet20()],
  ['CIFAR ResNet-20, recomputing', 32, () => cifarResNet20({ recompute: true })],
  ['ResNet-18', 2, () => resNet18()],
  ['ResNet-18, recomputing', 2, () => resNet18({ recompute: true })],
];

/** Convolution, normalisation, dropout and regularizers, of our layers or of tfjs's own. */
function mixed({ conv2d, batchNormalization, dropout, flatten, dense }: typeof tfl.layers | typeof layers): tfl.LayersModel {
  const rate = { rate: 0.5, seed: 3 };
  return tfl.sequential({
    layers: [
      conv2d({ inputShape: [12, 12, 3], filters: 24, kernelSize: 3, padding: 'same', kernelRegularizer: tfl.regularizers.l2() }),
      batchNormalization({}),
      conv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'relu', trainable: false }),
      dropout(rate),
      flatten({}),
      dense({ units: 10 }),
    ],
  });
}

describe('the foretold peak is the measured one', () => {
  const compare = async (build: () => tfl.LayersModel, batchSize: number, optimizer: OptimizerName = 'sgd') => {
    const backend = await freshBackend();
    const model = build();
    const step = profile(model, { batchSize, optimizer }).step!;
    const measured = measuredPeak(backend, model, batchSize, optimizer);
    const { heapReserved } = backend.memory();
    model.dispose();
    return { step, peak: step.peak / measured, reserved: step.reserved / heapReserved };
  };

  test.each(nets)('of %s, %i pictures', async (_, batchSize, build) => {
    const { step, peak, reserved } = await compare(build, batchSize);
    const { weights, optimizer, input, activations, gradients, workspace } = step;
    expect(weights + optimizer + input + activations + gradients + workspace).toBe(step.peak);
    // Constants that no kernel of ours has asked for yet are counted, but not held.
    expect(Math.abs(peak - 1)).toBeLessThan(0.01);
    // Holes between blocks depend on what came before.
    expect(Math.abs(reserved - 1)).toBeLessThan(0.15);
  });

  test('with Adam', async () => {
    const { step, peak } = await compare(() => leNet5(), 16, 'adam');
    expect(Math.abs(peak - 1)).toBeLessThan(0.01);
    // Two moments of every weight.
    expect(step.optimizer).toBe(2 * step.weights);
  });

  test('of frozen layers, dropout and regularizers', async () => {
    const { peak } = await compare(() => mixed(layers), 8);
    expect(Math.abs(peak - 1)).toBeLessThan(0.01);
  });

  test("of tfjs-layers' own layers", async () => {
    const { peak } = await compare(() => mixed(tfl.layers), 8);
    expect(Math.abs(peak - 1)).toBeLessThan(0.15);
  });
});

describe('a step that is foretold', () => {
  test('leaves no trace: weights, moving statistics, masks, tensors, backend and heap are what they were', async () => {
    const backend = await freshBackend();
    const [model, twin] = [mixed(layers), mixed(layers)];
    twin.setWeights(model.getWeights());
    const x = tf.randomUniform([2, 12, 12, 3], -1, 1, 'float32', 5);
    const values = (of: tfl.LayersModel) => of.getWeights().map((weight) => weight.dataSync());
    const before = { weights: values(model), memory: tf.memory(), backends: tf.engine().backendNames() };
    profile(model, { batchSize: 4, optimizer: 'adam' });
    expect({ weights: values(model), memory: tf.memory(), backends: tf.engine().backendNames() }).toEqual(before);
    expect(tf.backend()).toBe(backend);
    // The masks are those of a model of which nothing was foretold.
    for (let step = 0; step < 2; step++) {
      const [y, twins] = [model, twin].map((of) => (of.apply(x, { training: true }) as tf.Tensor).dataSync());
      expect(y).toEqual(twins);
    }
    model.dispose();
    twin.dispose();
    x.dispose();
  });

  test('asks for no weight that nobody has asked for yet', async () => {
    const backend = await freshBackend();
    const model = cifarResNet20();
    const { unmadeBytes } = backend.memory();
    expect(unmadeBytes).toBeGreaterThan(1e6);
    profile(model, { batchSize: 2 });
    expect(backend.memory()).toMatchObject({ unmadeBytes, heapBytes: 0 });
    model.dispose();
  });

  test('constants beside the weights stay where they are', async () => {
    await freshBackend();
    const model = leNet5({ variant: '1998' });
    profile(model, { batchSize: 2 });
    const x = tf.zeros([1, 28, 28, 1]);
    expect(tf.tidy(() => (model.apply(x, { training: true }) as tf.Tensor).dataSync()).every(Number.isFinite)).toBe(true);
    model.dispose();
    x.dispose();
  });

  test('is that of wasm-cnn wherever the model is', async () => {
    await freshBackend();
    const here = leNet5();
    const { step } = profile(here, { batchSize: 8 });
    await tf.setBackend('cpu');
    const there = leNet5();
    expect(profile(there, { batchSize: 8 }).step).toEqual(step);
    expect(profile(here, { batchSize: 8 }).step).toEqual(step);
    expect(tf.getBackend()).toBe('cpu');
    here.dispose();
    there.dispose();
    await tf.setBackend('wasm-cnn');
  });

  test('of a model that is no classifier: its outputs stand for the loss', async () => {
    await freshBackend();
    const [a, b] = [tfl.input({ shape: [8, 8, 2] }), tfl.input({ shape: [8, 8, 2] })];
    const sum = layers.addRelu().apply([a, b]) as tfl.SymbolicTensor;
    const convolved = layers.conv2d({ filters: 2, kernelSize: 3 }).apply(sum) as tfl.SymbolicTensor;
    const pooled = layers.globalAveragePooling2d().apply(convolved) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [a, b], outputs: [convolved, pooled] });
    const { step } = profile(model, { batchSize: 4 });
    expect(step!.input).toBe(2 * 4 * 8 * 8 * 2 * 4 + 64);
    expect(step!.peak).toBeGreaterThan(step!.input);
    expect(() => profile(model, { inputShape: [8, 8, 2] })).toThrow('of a model with 2 inputs it cannot be changed');
    model.dispose();
  });

  test('names the layer that does not run', async () => {
    class Strange extends tfl.layers.Layer {
      static className = 'Strange';
      override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.engine().runKernel('Nonsense', { x: Array.isArray(x) ? x[0]! : x });
      }
    }
    const backend = await freshBackend();
    const strange = new Strange({ name: 'odd' });
    const model = tfl.sequential({ layers: [layers.dense({ inputShape: [3], units: 2 }), strange] });
    const before = tf.memory();
    expect(() => profile(model, { batchSize: 2 })).toThrow(
      "profile: layer 'odd' (Strange) does not run on wasm-cnn: Kernel 'Nonsense' not registered for backend 'cnn-meter'",
    );
    expect(tf.memory()).toEqual(before);
    expect(tf.backend()).toBe(backend);
    expect(profile(model).notes).toEqual(['odd is a Strange: its multiply-accumulates are not known and count as 0']);
    model.dispose();
  });

  test.each([0, 1.5, -1, Number.NaN])('a batch of %p is refused', (batchSize) => {
    const model = leNet5();
    expect(() => profile(model, { batchSize })).toThrow('profile: batchSize must be a positive integer');
    model.dispose();
  });
});

describe('maxBatch', () => {
  test('a real step of that batch stays below the bytes, and no larger one does', async () => {
    const backend = await freshBackend();
    const model = leNet5();
    for (const bytes of [5e6, 2 ** 25]) {
      const batch = maxBatch(model, bytes);
      expect(profile(model, { batchSize: batch }).step!.peak).toBeLessThanOrEqual(bytes);
      expect(profile(model, { batchSize: batch + 1 }).step!.peak).toBeGreaterThan(bytes);
      expect(measuredPeak(backend, model, batch)).toBeLessThanOrEqual(bytes);
    }
    model.dispose();
  });

  test('recomputing blocks leave room for more, Adam for less', async () => {
    await freshBackend();
    const [plain, recomputing] = [cifarResNet20(), cifarResNet20({ recompute: true })];
    const bytes = 2 ** 28;
    expect(maxBatch(recomputing, bytes)).toBeGreaterThan(1.8 * maxBatch(plain, bytes));
    const justTwo = profile(plain, { batchSize: 2 }).step!.peak;
    expect(maxBatch(plain, justTwo)).toBe(2);
    expect(maxBatch(plain, justTwo, { optimizer: 'adam' })).toBe(1);
    plain.dispose();
    recomputing.dispose();
  });

  test('0 where a single picture is too much; never more than WebAssembly can address', async () => {
    await freshBackend();
    const model = leNet5();
    expect(maxBatch(model, 1e6)).toBe(0);
    const most = maxBatch(model, Number.POSITIVE_INFINITY);
    expect(profile(model, { batchSize: most }).step!.reserved).toBeLessThanOrEqual(2 ** 32);
    expect(profile(model, { batchSize: most + 1 }).step!.reserved).toBeGreaterThan(2 ** 32);
    model.dispose();
  });

  test('wrong arguments', () => {
    const model = leNet5();
    expect(() => maxBatch(model, 0)).toThrow('maxBatch: bytes must be above 0, got 0');
    expect(() => maxBatch(model, Number.NaN)).toThrow('maxBatch: bytes must be above 0, got NaN');
    expect(() => maxBatch(model, 1e9, { inputShape: [1] })).toThrow('maxBatch: inputShape must be positive integers');
    model.dispose();
  });
});
