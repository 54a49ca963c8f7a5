/** The blocks of MobileNets: what they are made of, and that relu6 behind batch normalisation is right. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { layers } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

/** Names and shapes of a built block's kernels and factors. */
const weightsOf = (block: layers.Block): string[] =>
  block.weights
    .map(({ originalName, shape }) => `${originalName} ${shape.join('x')}`)
    .filter((weight) => /gamma|kernel/.test(weight));

/** Of the layers inside, in order. */
const classesOf = (block: layers.Block): string[] => block.parts.map((part) => part.getClassName());

describe('an inverted residual', () => {
  it('expands, looks around, projects, and adds its input where nothing changes size', () => {
    const block = layers.invertedResidual({ name: 'features.2', filters: 8 });
    block.build([null, 7, 7, 8]);
    expect(weightsOf(block)).toEqual([
      'features.2.conv.0.0/kernel 1x1x8x48',
      'features.2.conv.0.1/gamma 48',
      'features.2.conv.1.0/depthwise_kernel 3x3x48x1',
      'features.2.conv.1.1/gamma 48',
      'features.2.conv.2/kernel 1x1x48x8',
      'features.2.conv.3/gamma 8',
    ]);
    expect(classesOf(block).at(-1)).toBe('CnnAdd');
    expect(block.computeOutputShape([null, 7, 7, 8])).toEqual([null, 7, 7, 8]);
  });

  it('adds nothing where channels or size change', () => {
    for (const options of [{ filters: 9 }, { filters: 8, strides: 2 }]) {
      const block = layers.invertedResidual(options);
      block.build([null, 7, 7, 8]);
      expect(classesOf(block)).not.toContain('CnnAdd');
    }
  });

  it('has no first convolution with expansion 1', () => {
    const block = layers.invertedResidual({ name: 'b', filters: 4, expansion: 1, strides: 2 });
    expect(block.computeOutputShape([null, 7, 8, 6])).toEqual([null, 4, 4, 4]);
    block.build([null, 7, 8, 6]);
    expect(weightsOf(block)).toEqual([
      'b.conv.0.0/depthwise_kernel 3x3x6x1',
      'b.conv.0.1/gamma 6',
      'b.conv.1/kernel 1x1x6x4',
      'b.conv.2/gamma 4',
    ]);
  });

  it('is what its layers are, one after the other', () => {
    const x = tf.randomNormal([2, 6, 6, 4], 0, 3, 'float32', 1);
    const block = layers.invertedResidual({ filters: 4, expansion: 2 });
    block.build(x.shape);
    const branch = block.parts.slice(0, -1);
    const y = branch.reduce((each, layer) => layer.call(each, { training: true }) as tf.Tensor, x as tf.Tensor);
    expect((block.call(x, { training: true }) as tf.Tensor).dataSync()).toEqual(tf.add(x, y).dataSync());
  });
});

describe('a depthwise separable block', () => {
  it('has its parts, and pads as it is told', () => {
    const padding = { top: 0, bottom: 1, left: 0, right: 1 };
    const names = { depthwise: 'conv_dw_2', pointwise_bn: 'conv_pw_2_bn' };
    const block = layers.depthwiseSeparableBlock({ name: 'b', filters: 5, strides: 2, padding, depthMultiplier: 2, names });
    expect(block.computeOutputShape([null, 7, 8, 3])).toEqual([null, 3, 4, 5]);
    block.build([null, 7, 8, 3]);
    expect(weightsOf(block)).toEqual([
      'conv_dw_2/depthwise_kernel 3x3x3x2',
      'b.depthwise_bn/gamma 6',
      'b.pointwise/kernel 1x1x6x5',
      'conv_pw_2_bn/gamma 5',
    ]);
    expect(layers.depthwiseSeparableBlock(block.getConfig() as never).getConfig()).toEqual(block.getConfig());
  });

  it('takes an initializer for the depthwise convolution', () => {
    const block = layers.depthwiseSeparableBlock({ filters: 2, depthwiseInitializer: 'ones', kernelInitializer: 'zeros' });
    block.build([null, 5, 5, 3]);
    const [depthwise, pointwise] = block.weights.filter(({ originalName }) => originalName.endsWith('kernel'));
    expect(depthwise!.read().dataSync()).toEqual(new Float32Array(27).fill(1));
    expect(pointwise!.read().dataSync()).toEqual(new Float32Array(6));
  });
});

describe.each(['wasm-cnn', 'cpu', 'wasm'])('batch normalisation with relu6 on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('wasm-cnn'));

  it.each([true, false])('clamps what it gives without, forwards and backwards (training: %s)', (training) => {
    const options = { gammaInitializer: { className: 'Constant', config: { value: 5 } }, name: 'n' } as const;
    const plain = layers.batchNormalization(options);
    const clamped = layers.batchNormalization({ ...options, activation: 'relu6' });
    for (const layer of [plain, clamped]) layer.build([null, 4, 4, 3]);
    const x = tf.randomNormal([2, 4, 4, 3], 0.5, 1, 'float32', 7);
    const dy = tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 8);
    const run = (layer: layers.BatchNormalization, finish: (y: tf.Tensor) => tf.Tensor) =>
      tf.tidy(() => {
        const { value, grad } = {
          value: finish(layer.call(x, { training })),
          grad: tf.grad((t) => finish(layer.call(t, { training }))),
        };
        return [value, grad(x, dy)].map((t) => t.dataSync());
      });
    const [y, dx] = run(clamped, (t) => t);
    // From y the mask follows: where the value was cut off, nothing comes back.
    const [expected, expectedDx] = run(plain, (t) => tf.relu6(t));
    expect(y!.some((value) => value === 6) && y!.some((value) => value === 0)).toBe(true);
    expect(y).toEqual(expected);
    dx!.forEach((value, i) => expect(value).toBeCloseTo(expectedDx![i]!, 5));
  });
});

it('what they cannot be is refused', () => {
  const name = 'a';
  expect(() => layers.invertedResidual({ name, filters: 0 })).toThrow(
    "CnnInvertedResidual 'a': filters must be a positive integer, got 0",
  );
  expect(() => layers.invertedResidual({ name, filters: 1, expansion: 0 })).toThrow(
    'expansion must be a finite number above 0, got 0',
  );
  expect(() => layers.invertedResidual({ name, filters: 1, padding: -1 })).toThrow("padding must be 'same', 'valid'");
  expect(() => layers.depthwiseSeparableBlock({ name, filters: 1, strides: 0 })).toThrow(
    'strides must be a positive integer, got 0',
  );
  expect(() => layers.depthwiseSeparableBlock({ name, filters: 1, depthMultiplier: 0.5 })).toThrow(
    "CnnDepthwiseSeparableBlock 'a': depthMultiplier must be a positive integer, got 0.5",
  );
  expect(() => layers.batchNormalization({ name, activation: 'tanh' as never })).toThrow(
    "CnnBatchNormalization 'a': activation must be one of linear, relu, relu6, got tanh",
  );
  expect(layers.invertedResidual({ filters: 1 })).toBeInstanceOf(layers.InvertedResidual);
  expect(layers.transitionBlock()).toBeInstanceOf(layers.TransitionBlock);
  expect(layers.depthwiseSeparableBlock({ filters: 1 })).toBeInstanceOf(layers.DepthwiseSeparableBlock);
  expect(layers.denseBlock({ layers: 1, growthRate: 1 })).toBeInstanceOf(layers.DenseBlock);
});
