/** Dense layers, dense blocks and transitions: what they are made of, what they keep, what they refuse. */
import * as tf from '@tensorflow/tfjs-core';
import { blockSize } from '../src/backends/wasm-cnn/allocator.js';
import type { HeapMemory, WasmCnnBackend } from '../src/backends/wasm-cnn/backend.js';
import { layers } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const maps = (shape: [number, number, number, number], seed: number) =>
  tf.randomNormal(shape, 0, 1, 'float32', seed) as tf.Tensor4D;

/** Names and shapes of a built block's weights. */
const weightsOf = (block: layers.Block): string[] =>
  block.weights
    .map((weight) => `${weight.originalName} ${weight.shape.join('x')}`)
    .filter((weight) => !/beta|moving/.test(weight));

describe('a dense layer', () => {
  it('takes a list for its concatenation, to the bit, and gives the new maps alone', () => {
    const a = maps([2, 5, 4, 3], 1);
    const b = maps([2, 5, 4, 2], 2);
    const layer = layers.denseLayer({ name: 'layer', growthRate: 6 });
    layer.build([a.shape, b.shape]);
    const y = layer.call([a, b], {});
    expect(y.shape).toEqual([2, 5, 4, 6]);
    const whole = layer.call(tf.concat([a, b], 3), {});
    expect(whole.dataSync()).toEqual(y.dataSync());
    expect(weightsOf(layer)).toEqual([
      'layer.norm1/gamma 5',
      'layer.conv1/kernel 1x1x5x24',
      'layer.norm2/gamma 24',
      'layer.conv2/kernel 3x3x24x6',
    ]);
    expect(layer).toBeInstanceOf(layers.DenseLayer);
  });

  it('has one convolution without a bottleneck', () => {
    const layer = layers.denseLayer({ name: 'layer', growthRate: 6, bottleneck: 0 });
    expect(layer.computeOutputShape([null, null, null, 5])).toEqual([null, null, null, 6]);
    layer.build([null, 8, 8, 5]);
    expect(weightsOf(layer)).toEqual(['layer.norm1/gamma 5', 'layer.conv1/kernel 3x3x5x6']);
  });
});

describe('a dense block', () => {
  const options = { name: 'block', layers: 3, growthRate: 4, bottleneck: 2 };

  it('gives its input and all new maps', () => {
    const x = maps([1, 3, 3, 5], 3);
    const block = layers.denseBlock(options);
    const y = block.apply(x) as tf.Tensor4D;
    expect(y.shape).toEqual([1, 3, 3, 17]);
    // Layer by layer, as the paper says it.
    const features: tf.Tensor[] = [x];
    for (const part of block.parts) if (part instanceof layers.DenseLayer) features.push(part.call(features, {}));
    expect(features).toHaveLength(4);
    expect(tf.concat(features, 3).dataSync()).toEqual(y.dataSync());
  });

  it('calls the parts of its layers as it is told', () => {
    const block = layers.denseBlock({ ...options, layers: 2, names: { 'denselayer2.conv1': 'conv2_block2_1_conv' } });
    block.build([null, 8, 8, 6]);
    expect(weightsOf(block)).toEqual([
      'block.denselayer1.norm1/gamma 6',
      'block.denselayer1.conv1/kernel 1x1x6x8',
      'block.denselayer1.norm2/gamma 8',
      'block.denselayer1.conv2/kernel 3x3x8x4',
      'block.denselayer2.norm1/gamma 10',
      'conv2_block2_1_conv/kernel 1x1x10x8',
      'block.denselayer2.norm2/gamma 8',
      'block.denselayer2.conv2/kernel 3x3x8x4',
    ]);
  });

  it('begins with other numbers in every convolution, and drops others in every layer', () => {
    const kernelInitializer = { className: 'CnnVarianceScaling', config: { seed: 3 } };
    const block = layers.denseBlock({ ...options, kernelInitializer, seed: 3, dropout: 0.5, bottleneckDropout: 0.5 });
    block.build([null, 8, 8, 6]);
    const second = block.weights.filter(({ originalName }) => /conv2\/kernel/.test(originalName));
    expect(new Set(second.map((weight) => weight.read().dataSync().join())).size).toBe(3);
    const dropouts = block.parts.flatMap((part) => (part instanceof layers.Block ? part.parts : []));
    const seeds = dropouts.filter((part) => part instanceof layers.Dropout).map((part) => part.getConfig()['seed']);
    expect(new Set(seeds).size).toBe(6);
  });

  /** Bytes of all tensors. */
  function heap(): number {
    const { heapBytes, heapWorkspace } = tf.memory() as unknown as HeapMemory;
    return heapBytes - heapWorkspace;
  }

  /** Bytes that a forward pass leaves on the tape, its output among them. */
  function kept(count: number, recompute: boolean): number {
    const block = layers.denseBlock({ layers: count, growthRate: 4, bottleneck: 2, recompute });
    const x = maps([2, 6, 6, 8], 4);
    tf.dispose(block.apply(x) as tf.Tensor);
    const before = heap();
    let bytes = 0;
    tf.tidy(() => {
      tf.grads((input: tf.Tensor) => {
        const y = block.apply(input, { training: true }) as tf.Tensor;
        bytes = heap() - before;
        return tf.sum(y);
      })([x]);
    });
    expect(heap()).toBe(before);
    x.dispose();
    block.dispose();
    return bytes;
  }

  /** Bytes of that many channels of the test's maps. */
  const bytesOf = (channels: number) => 4 * 2 * 6 * 6 * channels;

  it.each([1, 2, 5, 10])('of %i layers keeps only the new maps where it computes twice', (count) => {
    // Those of the last layer live on in the output alone.
    expect(kept(count, true)).toBe(bytesOf(4 * (count - 1)) + bytesOf(8 + 4 * count));
  });

  it('keeps concatenations and normalised maps otherwise, one of each a layer', () => {
    for (const count of [2, 5, 10]) {
      let bytes = bytesOf(8 + 4 * count);
      for (let i = 0, channels = 8; i < count; i++, channels += 4) {
        // Its input (the block's own is not counted), that normalised, the bottleneck's output, that normalised, the new maps.
        bytes += bytesOf((i === 0 ? 0 : channels) + channels + 8 + 8 + 4);
        // Mean and variance, which the gradient reads.
        bytes += 2 * blockSize(4 * channels) + 2 * blockSize(4 * 8);
      }
      expect(kept(count, false)).toBe(bytes);
    }
  });

  it('holds no more than two concatenations at a time where nothing is differentiated', () => {
    const block = layers.denseBlock({ layers: 10, growthRate: 4, bottleneck: 0 });
    const x = maps([2, 6, 6, 4], 5);
    tf.dispose(block.apply(x) as tf.Tensor);
    const { heapBytes } = tf.memory() as unknown as HeapMemory;
    (tf.backend() as unknown as WasmCnnBackend).resetHeapPeak();
    const y = block.apply(x) as tf.Tensor;
    const { heapPeak } = tf.memory() as unknown as HeapMemory;
    expect(heapPeak - heapBytes).toBe(bytesOf(40 + 4 + 44));
    tf.dispose([x, y]);
  });
});

describe('a transition', () => {
  it('halves channels, height and width', () => {
    const block = layers.transitionBlock({ name: 'transition' });
    expect(block.computeOutputShape([null, 9, null, 7])).toEqual([null, 4, null, 3]);
    block.build([null, 9, 8, 7]);
    expect(weightsOf(block)).toEqual(['transition.norm/gamma 7', 'transition.conv/kernel 1x1x7x3']);
    expect(layers.transitionBlock({ compression: 1 }).computeOutputShape([null, 8, 8, 7])).toEqual([null, 4, 4, 7]);
  });
});

it('what they cannot be is refused', () => {
  const name = 'a';
  expect(() => layers.denseLayer({ name, growthRate: 0 })).toThrow(
    "CnnDenseLayer 'a': growthRate must be a positive integer, got 0",
  );
  expect(() => layers.denseLayer({ name, growthRate: 1, bottleneck: -1 })).toThrow(
    'bottleneck must be a positive integer, got -1',
  );
  expect(() => layers.denseLayer({ name, growthRate: 1, dropout: 1 })).toThrow('dropout must be a number in [0, 1), got 1');
  expect(() => layers.denseLayer({ name, growthRate: 1, bottleneckDropout: -0.1 })).toThrow('bottleneckDropout must be a number');
  expect(() => layers.denseBlock({ name, growthRate: 4, layers: 1.5 })).toThrow(
    "CnnDenseBlock 'a': layers must be a positive integer, got 1.5",
  );
  expect(() => layers.transitionBlock({ name, compression: 0 })).toThrow(
    "CnnTransitionBlock 'a': compression must be a number in (0, 1], got 0",
  );
  expect(() => layers.transitionBlock({ name, dropout: 2 })).toThrow('dropout must be a number in [0, 1), got 2');
  expect(() => layers.transitionBlock({ name, compression: 0.1 }).build([null, 4, 4, 9])).toThrow(
    'compression must be at least 1 / 9, for an input of 9 channels, got 0.1',
  );
  expect(() => layers.transitionBlock({ name }).build([null, 4, 4, null])).toThrow(
    'the number of channels of the input must be known',
  );
  expect(() => layers.denseBlock({ name, growthRate: 4, layers: 2 }).build([null, 4, 4, null])).toThrow(
    'the number of channels of the input must be known',
  );
});
