import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import type { layers as stock } from '@tensorflow/tfjs-layers';
import * as layers from '../src/layers/index.js';

/** The layers of the published LeNet-5, each beside the same thing written with tfjs-core's ops. */
const cases: [
  name: string,
  layer: () => stock.Layer,
  shape: number[],
  plain: (x: tf.Tensor, weights: tf.Tensor[]) => tf.Tensor,
][] = [
  [
    'subsampling2d',
    () => layers.subsampling2d({ kernelInitializer: 'randomNormal', biasInitializer: 'randomNormal', activation: 'scaledTanh' }),
    [3, 4, 6, 5],
    (x, [coefficient, bias]) => {
      const sum = tf.mul(tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid'), 4);
      return tf.mul(tf.tanh(tf.mul(tf.add(tf.mul(sum, coefficient!), bias!), 2 / 3)), 1.7159);
    },
  ],
  [
    'tableConv2d',
    () => layers.tableConv2d({ kernelSize: [3, 2], connections: [[1], [2, 0], [0, 1, 2]], biasInitializer: 'randomNormal' }),
    [2, 5, 4, 3],
    (x, [kernel, bias]) => {
      const at = [
        [1, 0],
        [2, 1],
        [0, 1],
        [0, 2],
        [1, 2],
        [2, 2],
      ];
      const taps = tf.split(kernel as tf.Tensor3D, 6, 2);
      const outputs = [0, 1, 2].map((output) => {
        const parts = at.flatMap(([channel, to], i) => {
          const seen = tf.slice(x as tf.Tensor4D, [0, 0, 0, channel!], [-1, -1, -1, 1]);
          return to === output ? [tf.conv2d(seen, tf.reshape(taps[i]!, [3, 2, 1, 1]), 1, 'valid')] : [];
        });
        return tf.addN(parts);
      });
      return tf.add(tf.concat(outputs, 3), bias!);
    },
  ],
  [
    'rbfOutput',
    () =>
      layers.rbfOutput({
        codes: [
          [1, -1, 0.5],
          [-1, -1, 2],
        ],
      }),
    [4, 3],
    (x) => {
      const codes = tf.tensor2d([
        [1, -1, 0.5],
        [-1, -1, 2],
      ]);
      return tf.neg(tf.sum(tf.square(tf.sub(tf.expandDims(x, 1), tf.expandDims(codes, 0))), 2));
    },
  ],
];

describe.each(['cpu', 'wasm-cnn'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test.each(cases)('%s: values and gradients are those of its formula', (_, make, shape, plain) => {
    const layer = make();
    const x = tf.variable(tf.randomNormal(shape, 0, 1, 'float32', 5));
    layer.apply(x);
    const weights = layer.weights.map((weight) => weight.read() as tf.Variable);
    const dy = tf.randomNormal(layer.computeOutputShape(shape) as number[], 0, 1, 'float32', 6);
    const [own, expected] = [() => layer.call(x, {}) as tf.Tensor, () => plain(x, weights)].map((f) => {
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(f(), dy)) as tf.Scalar, [x, ...weights]);
      return [f(), value, grads[x.name]!, ...weights.map((weight) => grads[weight.name]!)].map((t) => t.dataSync());
    });
    for (const [k, values] of own!.entries()) {
      expect(values).toHaveLength(expected![k]!.length);
      for (const [i, v] of values.entries()) expect(v).toBeCloseTo(expected![k]![i]!, 4);
    }
  });
});
