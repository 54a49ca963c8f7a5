/** The frozen part of a net by itself: the same numbers, nothing of it on the tape. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { augmentation, RandomHorizontalFlip } from '../src/augment/index.js';
import {
  cifarDenseNet,
  cifarResNet20,
  crossEntropy,
  freezeUntil,
  googLeNet,
  layers,
  leNet5,
  mobileNetV1,
  mobileNetV2,
  Sgd,
  splitFrozen,
  squeezeNet1_1,
  Trainer,
} from '../src/index.js';
import { CompiledStep } from '../src/train/compiled/compiled-step.js';
import { takeStep } from '../src/train/training-step.js';
import { batch, numbersOf } from './compiled.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const small = { inputShape: [32, 32, 3] as [number, number, number], classes: 5, seed: 1 };

/** Dropout between frozen layers, and right before the first that learns. */
const withDropout = () =>
  tfl.sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
      layers.dropout({ rate: 0.5 }),
      layers.flatten(),
      layers.dense({ name: 'd2', units: 6 }),
      tfl.layers.dropout({ rate: 0.5 }),
      layers.activation({ activation: 'relu' }),
      layers.dense({ name: 'd3', units: 3 }),
    ],
  });

const apply = (model: tfl.LayersModel, x: tf.Tensor) => model.apply(x, { training: false }) as tf.Tensor;

describe('splitFrozen', () => {
  it.each<[string, string, string, () => tfl.LayersModel]>([
    ['cifarResNet20', 'layer3', 'layer2.2', () => cifarResNet20({ seed: 1 })],
    ['cifarResNet20', 'head', 'avgpool', () => cifarResNet20({ seed: 1 })],
    // A block of which a part is frozen is not cut.
    ['cifarResNet20', 'layer3.1.conv2', 'layer3.0', () => cifarResNet20({ seed: 1 })],
    ['mobileNetV1', 'head', 'avgpool', () => mobileNetV1({ ...small, alpha: 0.25, classifierActivation: 'linear' })],
    // Dropout in front of what learns stays with it.
    ['squeezeNet1_1', 'head', 'features.12', () => squeezeNet1_1(small)],
    ['leNet5', 'fc2', 'fc1', () => leNet5({ seed: 1 })],
    ['a net with dropout', 'd3', 'd2', withDropout],
    ['mobileNetV2', 'head', 'avgpool', () => mobileNetV2(small)],
    ['cifarDenseNet', 'features.denseblock3', 'features.transition2', () => cifarDenseNet({ seed: 1, depth: 22 })],
  ])('cuts %s before %s', (_, until, after, build) => {
    const model = build();
    freezeUntil(model, until);
    const nodes = model.layers.map(({ inboundNodes, outboundNodes }) => [inboundNodes.length, outboundNodes.length]);
    const split = splitFrozen(model)!;
    expect(split.after).toContain(after);
    expect(split.rest.trainableWeights.map(({ id }) => id)).toEqual(model.trainableWeights.map(({ id }) => id));
    expect(split.prefix.trainableWeights).toEqual([]);
    const x = tf.randomNormal([3, ...(model.inputs[0]!.shape.slice(1) as number[])], 0, 1, 'float32', 5);
    const features = apply(split.prefix, x);
    const whole = apply(model, x).dataSync();
    expect(
      apply(split.rest, tf.reshape(features, [3, ...(split.rest.inputs[0]!.shape.slice(1) as number[])])).dataSync(),
    ).toEqual(whole);
    split.dispose();
    expect(model.layers.map(({ inboundNodes, outboundNodes }) => [inboundNodes.length, outboundNodes.length])).toEqual(nodes);
    expect(apply(model, x).dataSync()).toEqual(whole);
    const { numTensors } = tf.memory();
    expect(model.dispose().numDisposedVariables).toBe(model.weights.length);
    expect(tf.memory().numTensors).toBe(numTensors - model.weights.length);
  });

  it('cuts a net with auxiliary heads that learn before the first of them', () => {
    const model = googLeNet({ inputShape: [64, 64, 3], classes: 5, auxiliary: true, seed: 1 });
    freezeUntil(model, 'head');
    const { after, rest } = splitFrozen(model)!;
    expect(after).toBe('inception4a');
    expect(rest.outputs).toHaveLength(3);
    model.dispose();
  });

  it("knows tfjs-layers' own residual nets and models inside of models", () => {
    const input = tfl.input({ shape: [8, 8, 4] });
    const conv = (name: string, x: tfl.SymbolicTensor) =>
      tfl.layers.conv2d({ name, filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x) as tfl.SymbolicTensor;
    const first = conv('a', input);
    const joined = tfl.layers.add({ name: 'add' }).apply([conv('c', conv('b', first)), first]) as tfl.SymbolicTensor;
    const base = tfl.model({ inputs: input, outputs: joined, name: 'base' });
    const model = tfl.sequential({
      layers: [base, tfl.layers.globalAveragePooling2d({ name: 'gap' }), tfl.layers.dense({ name: 'out', units: 2 })],
    });
    const x = tf.randomNormal([2, 8, 8, 4]);
    const whole = apply(model, x).dataSync();
    for (const [until, after] of [
      ['out', /gap/],
      // The shortcut goes round it: the cut is where there is one tensor only.
      ['c', /^a$/],
    ] as const) {
      freezeUntil(model, until);
      const split = splitFrozen(model)!;
      expect(split.after).toMatch(after);
      const features = apply(split.prefix, x);
      const shape = split.rest.inputs[0]!.shape.slice(1) as number[];
      expect(apply(split.rest, tf.reshape(features, [2, ...shape])).dataSync()).toEqual(whole);
      split.dispose();
    }
    base.trainable = false;
    expect(splitFrozen(model)!.after).toMatch(/gap/);
  });

  it('gives nothing where nothing in front is frozen, and refuses where all is', () => {
    const model = cifarResNet20();
    expect(splitFrozen(model)).toBeUndefined();
    freezeUntil(model, 1);
    expect(() => splitFrozen(model)).toThrow(/splitFrozen: nothing of model 'cifarResNet20' learns/);
    const changing = tfl.sequential({
      layers: [
        augmentation({ transforms: [new RandomHorizontalFlip()], inputShape: [8, 8, 3] }),
        layers.conv2d({ name: 'c', filters: 2, kernelSize: 3 }),
        layers.globalAveragePooling2d(),
        layers.dense({ name: 'd', units: 2 }),
      ],
    });
    freezeUntil(changing, 'd');
    expect(splitFrozen(changing)).toBeUndefined();
    expect(() => splitFrozen({} as tfl.LayersModel)).toThrow('splitFrozen: model must be a tf.LayersModel');
  });
});

describe('the tape', () => {
  /** Kernels that a training step calls, by their names. */
  function kernelsOf(model: tfl.LayersModel, x: tf.Tensor, optimizer = new Sgd({ learningRate: 0.1 })): string[] {
    const labels = tf.tensor1d([1, 2, 3], 'float32');
    const names: string[] = [];
    const runKernel = tf.engine().runKernel.bind(tf.engine());
    const spy = jest.spyOn(tf.engine(), 'runKernel').mockImplementation((name, ...rest) => {
      names.push(name);
      return runKernel(name, ...rest);
    });
    tf.dispose(takeStep({ net: model, optimizer, loss: crossEntropy() }, [x, labels]));
    spy.mockRestore();
    return names;
  }

  const gradients = (names: readonly string[]) => names.filter((name) => /(Dx|DFilter|Backward|Grad|DBias)/i.test(name));

  it('holds no gradient of what is frozen, cut off or not', () => {
    const model = cifarResNet20({ seed: 1 });
    const x = tf.randomNormal([3, 32, 32, 3]);
    const all = gradients(kernelsOf(model, x));
    expect(all.filter((name) => /conv/i.test(name)).length).toBeGreaterThan(30);
    freezeUntil(model, 'head');
    expect(gradients(kernelsOf(model, x)).filter((name) => /conv|norm|pool/i.test(name))).toEqual([]);
    const { prefix, rest } = splitFrozen(model)!;
    const features = tf.reshape(apply(prefix, x), [3, 1, 1, 64]);
    const names = kernelsOf(rest, features);
    expect(names.filter((name) => /conv|norm|pool/i.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it('is as empty in compiled steps', () => {
    const launched = (model: tfl.LayersModel, shape: number[]) => {
      const optimizer = new Sgd({ learningRate: 0.1 });
      const step = new CompiledStep(model, (inputs) => takeStep({ net: model, optimizer, loss: crossEntropy() }, inputs));
      const inputs = [
        { values: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), shape },
        { values: Float32Array.from([1, 2, 3]), shape: [3] },
      ];
      for (let i = 0; i < 4; i++) numbersOf(step.run(inputs));
      expect(step.isCompiled(inputs.map((each) => each.shape))).toBe(true);
      const { runtime } = tf.backend() as unknown as { runtime: Record<'parallel' | 'call', (name: string) => unknown> };
      const names: string[] = [];
      const spies = (['parallel', 'call'] as const).map((kind) => {
        const launch = runtime[kind].bind(runtime);
        return jest.spyOn(runtime, kind).mockImplementation((name, ...rest: []) => {
          names.push(name);
          return launch(name, ...rest);
        });
      });
      numbersOf(step.run(inputs));
      for (const spy of spies) spy.mockRestore();
      step.dispose();
      optimizer.dispose();
      return names;
    };
    const model = cifarResNet20({ seed: 1 });
    const whole = launched(model, [3, 32, 32, 3]);
    freezeUntil(model, 'head');
    const frozen = launched(model, [3, 32, 32, 3]);
    const { rest } = splitFrozen(model)!;
    const cut = launched(rest, [3, 1, 1, 64]);
    const backward = (names: readonly string[]) => names.filter((name) => /Gradient|Dx|Back|Shared|Moments/.test(name));
    expect(backward(whole).length).toBeGreaterThan(100);
    expect(backward(frozen)).toEqual(['softmaxCrossEntropyGradient']);
    expect(backward(cut)).toEqual(['softmaxCrossEntropyGradient']);
    // Not even forward: the frozen part is no part of these steps.
    expect(cut.filter((name) => /conv|batchNorm|winograd|Pool/.test(name))).toEqual([]);
  });
});

describe('frozen batch normalisation', () => {
  it('keeps statistics and outputs, to the bit, whether it is cut off or not', () => {
    const model = cifarResNet20({ seed: 1 });
    freezeUntil(model, 'layer3');
    const frozen = model.weights.filter(({ originalName }) => !/^(layer3|linear)/.test(originalName));
    const numbers = () => frozen.map((weight) => weight.read().dataSync().slice());
    const before = numbers();
    const split = splitFrozen(model)!;
    const x = tf.randomNormal([4, 32, 32, 3], 3, 5, 'float32', 1);
    const features = apply(split.prefix, x).dataSync();
    const optimizer = new Sgd({ learningRate: 0.1 });
    const trainer = new Trainer(model, { optimizer });
    for (let i = 0; i < 6; i++) {
      const [images, labels] = batch(model, 4, i);
      const shape = [32, 32, 3] as const;
      const given = {
        images: images!.values,
        shape,
        labels: Int32Array.from(labels!.values),
        places: new Int32Array(4),
        size: 4,
      };
      tf.dispose(Object.values(trainer.step(given)));
    }
    expect(numbers()).toEqual(before);
    expect(apply(split.prefix, x).dataSync()).toEqual(features);
    trainer.dispose();
    optimizer.dispose();
  });
});
