/** What a training step makes small. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader } from '../src/data/index.js';
import { crossEntropy, evaluate, layers, setLossWeights, softmaxCrossEntropy } from '../src/index.js';
import { lossOf } from '../src/train/loss.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

/** Logits and an auxiliary head. */
function twoHeads(): tfl.LayersModel {
  const x = tfl.input({ shape: [2, 2, 1] });
  const flat = layers.flatten().apply(x) as tfl.SymbolicTensor;
  const head = (name: string) =>
    layers.dense({ name, units: 3, kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }).apply(flat) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs: [head('logits'), head('auxiliary')] });
}

test('is the cross-entropies of all outputs, weighed, and what the regularizers ask for', () => {
  const model = twoHeads();
  tf.tidy(() => {
    const x = tf.randomUniform([4, 2, 2, 1], -1, 1, 'float32', 1);
    const labels = tf.tensor1d([0, 2, 1, 1]);
    const [first, second] = (model.predict(x) as tf.Tensor2D[]).map(
      (output) => softmaxCrossEntropy(output, labels).dataSync()[0]!,
    ) as [number, number];
    const penalty = model.trainableWeights
      .filter(({ name }) => name.includes('kernel'))
      .reduce((sum, weight) => sum + 0.1 * tf.sum(tf.square(weight.read())).dataSync()[0]!, 0);
    const { loss, output } = lossOf(model, crossEntropy(), x, labels);
    expect(loss.dataSync()[0]).toBeCloseTo(first + second + penalty, 5);
    expect(output.shape).toEqual([4, 3]);
    setLossWeights(model, [1, 0.3]);
    expect(lossOf(model, crossEntropy(), x, labels).loss.dataSync()[0]).toBeCloseTo(first + 0.3 * second + penalty, 5);
  });
  model.dispose();
});

test('the score is that of the first output', async () => {
  const model = twoHeads();
  // The first output says class 1, the second one class 2.
  const bias = (best: number) => tf.tensor1d([0, 1, 2].map((i) => (i === best ? 9 : 0)));
  tf.tidy(() => model.setWeights([tf.zeros([4, 3]), bias(1), tf.zeros([4, 3]), bias(2)]));
  const dataset = {
    images: new Uint8Array(8),
    labels: Int32Array.of(1, 1),
    count: 2,
    height: 2,
    width: 2,
    channels: 1,
    classNames: ['a', 'b', 'c'],
    sourceDescription: 'nothing',
  };
  const score = await evaluate(model, new DataLoader(dataset, { batchSize: 2, normalization: { mean: [0], std: [1] } }));
  expect(score.accuracy).toBe(1);
  model.dispose();
});
