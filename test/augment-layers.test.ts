/** Augmentation as a layer of a model. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '../src/standard/register.js';
import { Augmentation, augmentation, ElasticTransform, Pad } from '../src/augment/index.js';
import { unknownIn } from '../src/train/compiled/known-layers.js';
import { layerBytes, layerDifference, layerPictures, layerTransforms, tensorOf } from './augment-parts.js';

const batch = () => tf.tidy(() => tf.stack(layerPictures.map(tensorOf)) as tf.Tensor4D);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe.each(['cpu', 'wasm-cnn'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test('every picture of every training step draws anew, as the pipeline does; nothing happens in inference', async () => {
    const layer = augmentation({ transforms: layerTransforms, seed: 5, inputShape: [9, 11, 3] });
    const x = batch();
    const { numTensors } = tf.memory();
    tf.tidy(() => expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(x.dataSync()));
    // Bytes are rounded by the rotation.
    expect(await layerDifference()).toBeLessThanOrEqual(0.5);
    expect(distance(layerBytes(5, 0), layerBytes(5, 1))).toBeGreaterThan(50);
    expect(tf.memory().numTensors).toBe(numTensors);
    x.dispose();
  });

  test('the training state goes on where it stood', () => {
    const layer = augmentation({ transforms: layerTransforms, seed: 5 });
    const x = batch();
    const step = (of: Augmentation) => tf.tidy(() => (of.apply(x, { training: true }) as tf.Tensor).dataSync());
    step(layer);
    const restore = layer.noteState();
    const state = layer.trainingState();
    const second = step(layer);
    restore();
    expect(step(layer)).toEqual(second);
    const unseeded = augmentation({ transforms: layerTransforms });
    expect(distance(step(unseeded), step(augmentation({ transforms: layerTransforms })))).toBeGreaterThan(0);
    unseeded.restoreTrainingState(state);
    expect(step(unseeded)).toEqual(second);
    x.dispose();
  });

  test('trains in fit, and is saved with its model', async () => {
    const model = tfl.sequential({
      layers: [
        augmentation({ transforms: [...layerTransforms, new ElasticTransform({ alpha: 4 })], seed: 5, inputShape: [9, 11, 3] }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const x = batch();
    const y = tf.tensor2d([0, 1, 1, 0, 0, 1], [3, 2]);
    await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 });
    expect((model.layers[0] as Augmentation).trainingState()).toEqual({ seed: 5, step: 4 });
    expect(unknownIn(model)).toBe(
      `layer '${model.layers[0]!.name}' (CnnAugmentation) is not known to give the same kernels at each step`,
    );
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = JSON.parse(JSON.stringify(artifacts, (key, value) => (key === 'weightData' ? undefined : value)));
        saved!.weightData = artifacts.weightData!;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved!));
    const layer = loaded.layers[0] as Augmentation;
    expect(layer).toBeInstanceOf(Augmentation);
    expect(layer.getConfig()).toEqual(model.layers[0]!.getConfig());
    expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
  });

  test('refuses what would give other sizes in inference', () => {
    const cut = augmentation({ name: 'augment', transforms: [new Pad({ padding: 1 })], inputShape: [9, 11, 3] });
    expect(() => tfl.sequential({ layers: [cut] })).toThrow(
      "CnnAugmentation 'augment': transforms must keep the size of pictures, which do not pass through them in inference, " +
        'got [11, 13, 3] from [9, 11, 3] by Pad; change sizes before the model',
    );
    const late = augmentation({ transforms: [new Pad({ padding: 1 })], inputShape: [null as never, 11, 3] });
    tfl.sequential({ layers: [late] });
    const x = batch();
    expect(() => late.apply(x, { training: true })).toThrow('got [11, 13, 3] from [9, 11, 3] by Pad');
    x.dispose();
    expect(() => augmentation({ transforms: layerTransforms, seed: -1 })).toThrow('seed must be an integer in [0, 2^32), got -1');
    expect(() => new Augmentation({ name: 'a', transforms: {} as never })).toThrow(
      "CnnAugmentation 'a': transforms must be a list of transforms, got {}",
    );
  });
});
