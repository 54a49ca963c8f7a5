/** Each function of `layers` makes a layer of its class, which tfjs-layers can make again from its options. */
import * as tf from '@tensorflow/tfjs-core';
import type { layers as tfl } from '@tensorflow/tfjs-layers';
import { layers } from '../src/index.js';

type LayerClass = tf.serialization.SerializableConstructor<tfl.Layer>;

const made: [factory: string, layer: () => tfl.Layer, cls: unknown][] = [
  ['activation', () => layers.activation({ activation: 'mish' }), layers.Activation],
  ['adaptiveAveragePooling2d', () => layers.adaptiveAveragePooling2d({ outputSize: 2 }), layers.AdaptiveAveragePooling2D],
  ['adaptiveMaxPooling2d', () => layers.adaptiveMaxPooling2d({ outputSize: 2 }), layers.AdaptiveMaxPooling2D],
  ['add', () => layers.add(), layers.Add],
  ['addRelu', () => layers.addRelu(), layers.AddRelu],
  ['averagePooling2d', () => layers.averagePooling2d(), layers.AveragePooling2D],
  ['batchNormalization', () => layers.batchNormalization(), layers.BatchNormalization],
  ['bottleneckBlock', () => layers.bottleneckBlock({ filters: 8, groups: 2, names: { conv1: 'a_b' } }), layers.BottleneckBlock],
  ['concatChannels', () => layers.concatChannels(), layers.ConcatChannels],
  ['conv2d', () => layers.conv2d({ filters: 3, kernelSize: 2 }), layers.Conv2D],
  ['convTranspose2d', () => layers.convTranspose2d({ filters: 3, kernelSize: 2, outputPadding: 0 }), layers.ConvTranspose2D],
  ['dense', () => layers.dense({ units: 3 }), layers.Dense],
  ['denseBlock', () => layers.denseBlock({ layers: 2, growthRate: 3, names: { 'denselayer1.norm1': 'a_b' } }), layers.DenseBlock],
  ['denseLayer', () => layers.denseLayer({ growthRate: 3 }), layers.DenseLayer],
  ['depthwiseConv2d', () => layers.depthwiseConv2d({ kernelSize: 3 }), layers.DepthwiseConv2D],
  [
    'depthwiseSeparableBlock',
    () => layers.depthwiseSeparableBlock({ filters: 3, padding: { top: 0, bottom: 1, left: 0, right: 1 } }),
    layers.DepthwiseSeparableBlock,
  ],
  ['dropout', () => layers.dropout({ rate: 0.5 }), layers.Dropout],
  ['fire', () => layers.fire({ squeeze: 2, expand1x1: 3, expand3x3: 4 }), layers.Fire],
  ['flatten', () => layers.flatten(), layers.Flatten],
  ['globalAveragePooling2d', () => layers.globalAveragePooling2d(), layers.GlobalAveragePooling2D],
  ['globalMaxPooling2d', () => layers.globalMaxPooling2d(), layers.GlobalMaxPooling2D],
  [
    'inceptionBlock',
    () => layers.inceptionBlock({ branches: [[{ filters: 1, kernelSize: 1 }], [{ type: 'max', size: 3, padding: 1 }]] }),
    layers.InceptionBlock,
  ],
  ['inceptionV3Block', () => layers.inceptionV3Block({ shape: 'A', poolFilters: 32 }), layers.InceptionBlock],
  ['invertedResidual', () => layers.invertedResidual({ filters: 3, depthwiseInitializer: 'heNormal' }), layers.InvertedResidual],
  [
    'joinedConvolutions',
    () => layers.joinedConvolutions({ convolutions: [{ filters: 1, kernelSize: 1 }, null] }),
    layers.JoinedConvolutions,
  ],
  ['l2Pooling2d', () => layers.l2Pooling2d(), layers.L2Pooling2D],
  ['localResponseNormalization', () => layers.localResponseNormalization(), layers.LocalResponseNormalization],
  ['locallyConnected2d', () => layers.locallyConnected2d({ filters: 3, kernelSize: 2 }), layers.LocallyConnected2D],
  ['maxPoolingWithSwitches2d', () => layers.maxPoolingWithSwitches2d({ strides: 1 }), layers.MaxPoolingWithSwitches2D],
  ['maxUnpooling2d', () => layers.maxUnpooling2d({ outputSize: 5 }), layers.MaxUnpooling2D],
  ['maxPooling2d', () => layers.maxPooling2d(), layers.MaxPooling2D],
  ['maxout', () => layers.maxout({ pieces: 2 }), layers.Maxout],
  ['naiveInception', () => layers.naiveInception({ conv1x1: 1, conv3x3: 2, conv5x5: 3 }), layers.InceptionBlock],
  ['networkInNetwork', () => layers.networkInNetwork({ filters: [1, 2, 3], kernelSize: 3 }), layers.NetworkInNetwork],
  ['rbfOutput', () => layers.rbfOutput({ codes: [[1, -1]] }), layers.RbfOutput],
  [
    'reducedInception',
    () => layers.reducedInception({ conv1x1: 1, reduce3x3: 2, conv3x3: 3, reduce5x5: 4, conv5x5: 5, pool: 6 }),
    layers.InceptionBlock,
  ],
  ['residualBlock', () => layers.residualBlock({ filters: 3, strides: 2, dropout: 0.1, seed: 3 }), layers.ResidualBlock],
  ['subsampling2d', () => layers.subsampling2d(), layers.Subsampling2D],
  ['tableConv2d', () => layers.tableConv2d({ kernelSize: 2, connections: [[0], [0, 1]] }), layers.TableConv2D],
  ['upSampling2d', () => layers.upSampling2d({ size: [1, 2] }), layers.UpSampling2D],
  ['transitionBlock', () => layers.transitionBlock({ compression: 0.7, dropout: 0.1, seed: 3 }), layers.TransitionBlock],
  ['zeroPaddedShortcut', () => layers.zeroPaddedShortcut({ filters: 4, strides: 2 }), layers.ZeroPaddedShortcut],
  ['zeroPadding2d', () => layers.zeroPadding2d(), layers.ZeroPadding2D],
];

test.each(made)('%s makes a layer of its class', (_factory, make, cls) => {
  const layer = make();
  expect(layer.constructor).toBe(cls);
  const again = new (cls as LayerClass)(layer.getConfig());
  expect(again.getConfig()).toEqual(layer.getConfig());
});

test('every function is tried', () => {
  const factories = Object.keys(layers).filter((name) => /^[a-z]/.test(name));
  expect(made.map(([factory]) => factory).sort()).toEqual(factories.sort());
});

test('a block of your own on ConvBlock has its convolutions and normalisations', async () => {
  await tf.setBackend('cpu');
  class Own extends layers.ConvBlock {
    static className = 'OwnConvBlock';
    private readonly chain = [this.conv('conv', { filters: 3, kernelSize: 1 }), this.norm('bn', { activation: 'linear' })];
    override wire<T>([x]: T[], through: layers.Walk<T>): T {
      return this.chain.reduce<T>((y, layer) => through(layer, y), x!);
    }
  }
  const block = new Own({ name: 'own', useBias: true, normalization: { scale: false } });
  block.build([null, 4, 4, 2]);
  expect(block.trainableWeights.map(({ originalName }) => originalName)).toEqual([
    'own.conv/kernel',
    'own.conv/bias',
    'own.bn/beta',
  ]);
});

test('UniformWithin draws every place of the last axis within its bound', async () => {
  await tf.setBackend('cpu');
  const bounds = [0.5, 0, 2];
  const values = await new layers.UniformWithin({ bounds, seed: 3 }).apply([200, 3]).data();
  const largest = bounds.map((_, c) => Math.max(...Array.from({ length: 200 }, (_, i) => Math.abs(values[3 * i + c]!))));
  largest.forEach((value, c) => expect(value).toBeLessThanOrEqual(bounds[c]!));
  expect(largest[2]).toBeGreaterThan(1.8);
  expect(() => new layers.UniformWithin({ bounds }).apply([3, 2])).toThrow('bounds must hold 2 numbers');
});
