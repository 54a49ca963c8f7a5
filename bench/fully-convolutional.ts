/** Scores of every place of a picture: in one pass, and by cropping. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { alexNet, profile, toFullyConvolutional } from 'tfjs-cnn';
import { ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

/** The example of the CS231n notes: crops of 224 x 224 from 384 x 384, 32 pixels apart. */
const [CROP, SIDE] = [224, 384];

async function scores(model: LayersModel, x: tf.Tensor): Promise<void> {
  const y = tf.tidy(() => model.apply(x) as tf.Tensor);
  await y.data();
  y.dispose();
}

/** AlexNet's map of scores on wasm-cnn. */
export async function scoreMap(): Promise<Row[]> {
  await ways.wasmCnn.use();
  const model = alexNet({ seed: 1 });
  const net = toFullyConvolutional(model);
  const { outputShape, field } = profile(net, { inputShape: [SIDE, SIDE, 3] }).layers.at(-1)!;
  const [rows, columns] = outputShape as [number, number, number];
  const picture = tf.randomUniform([1, SIDE, SIDE, 3], -1, 1, 'float32', 1) as tf.Tensor4D;
  const crops = tf.tidy(() =>
    Array.from({ length: rows * columns }, (_, place) => {
      const [top, left] = [Math.floor(place / columns) * field!.jump[0], (place % columns) * field!.jump[1]];
      return tf.slice4d(picture, [0, top, left, 0], [1, CROP, CROP, 3]);
    }),
  );
  const batch = tf.concat4d(crops, 0);
  const contestants: Contestant[] = [
    { name: 'toFullyConvolutional, one pass', run: () => scores(net, picture) },
    { name: `${crops.length} crops in one batch`, run: () => scores(model, batch) },
    {
      name: `${crops.length} crops one by one`,
      run: async () => {
        for (const crop of crops) await scores(model, crop);
      },
    },
  ];
  const timings = await measure(contestants, { rounds: 7, warmUp: 1 });
  tf.dispose([picture, batch, ...crops]);
  for (const each of [net, model]) each.dispose();
  return [row(`AlexNet, ${rows} x ${columns} scores of ${SIDE} x ${SIDE} pixels`, timings)];
}
