/** What is frozen stays as it is, however it was frozen: a part of a block, a block, a model inside of a model. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { layers } from '../src/index.js';

let x: tf.Tensor;
let labels: tf.Tensor;

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
  x = tf.randomNormal([4, 6, 6, 4], 0, 1, 'float32', 1);
  labels = tf.randomNormal([4, 3], 0, 1, 'float32', 2);
});

/** The weights that a step of training changed, by name. */
async function changedBy(model: tfl.LayersModel, layer: tfl.layers.Layer): Promise<string[]> {
  const before = layer.weights.map((weight) => [weight, weight.read().dataSync().slice()] as const);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.fit(x, labels, { epochs: 1, verbose: 0 });
  return before
    .filter(([weight, values]) =>
      weight
        .read()
        .dataSync()
        .some((value, i) => value !== values[i]),
    )
    .map(([{ originalName }]) => originalName);
}

const behind = (block: tfl.layers.Layer) =>
  tfl.sequential({
    layers: [
      tfl.layers.inputLayer({ inputShape: [6, 6, 4] }),
      block,
      layers.globalAveragePooling2d(),
      layers.dense({ units: 3 }),
    ],
  });

it.each([
  ['before it is built', false, false],
  ['after it is built', true, false],
  ['before it is built, recomputed', false, true],
  ['after it is built, recomputed', true, true],
])('freezes a part of a block %s', async (_, built, recompute) => {
  const block = layers.residualBlock({ filters: 4, name: 'block', recompute });
  const freeze = () => {
    for (const part of block.parts) part.trainable = !/conv1|bn1/.test(part.name);
  };
  if (!built) freeze();
  const model = behind(block);
  if (built) freeze();
  expect(block.trainableWeights.map(({ originalName }) => originalName)).toEqual([
    'block/block.conv2/kernel',
    'block/block.bn2/gamma',
    'block/block.bn2/beta',
  ]);
  expect(block.weights).toHaveLength(10);
  const changed = await changedBy(model, block);
  expect(changed.filter((name) => /conv1|bn1/.test(name))).toEqual([]);
  expect(changed).toHaveLength(5);
});

it('leaves the statistics of a frozen model alone that is a part of another', async () => {
  const base = tfl.sequential({
    layers: [
      layers.batchNormalization({ inputShape: [6, 6, 4] }),
      layers.residualBlock({ filters: 4, recompute: true }),
      layers.globalAveragePooling2d(),
    ],
  });
  base.trainable = false;
  const input = tfl.input({ shape: [6, 6, 4] });
  const outputs = layers.dense({ units: 3 }).apply(base.apply(input)) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  expect(await changedBy(model, base)).toEqual([]);
  base.trainable = true;
  expect(await changedBy(model, base)).toHaveLength(14);
});
