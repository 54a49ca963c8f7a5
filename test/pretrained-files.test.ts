/** Nets that others trained, read from their own files: the accuracy and the outputs that they have where they come from. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CenterCrop, type Transform } from '../src/augment/index.js';
import {
  CIFAR10,
  CIFAR10_CLASSES,
  DataLoader,
  decodePicture,
  type ImageDataset,
  normalizer,
  parseCifar,
  resizeToCover,
} from '../src/data/index.js';
import { readImageFolder } from '../src/data/node.js';
import { fromPretrained, type LoadReport, modelInput, SoftmaxRegression } from '../src/index.js';
import { loadModelFiles } from '../src/weights/load-model.js';
import { describeIf, sharedPath } from './requires.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const weights = (path: string) => sharedPath('pretrained', path);

/** Outputs of all pictures of a dataset, row by row. */
async function outputsOf(
  model: LayersModel,
  pictures: ImageDataset,
  batchSize: number,
  transforms: readonly Transform[] = [],
): Promise<tf.Tensor2D> {
  const loader = new DataLoader(pictures, { batchSize, normalization: modelInput(model)!, transforms });
  const rows: tf.Tensor2D[] = [];
  for await (const { images, shape, size } of loader.epoch(0)) {
    rows.push(
      tf.tidy(
        () => model.predict(tf.tensor4d(images.slice(0, size * shape[0] * shape[1] * shape[2]), [size, ...shape])) as tf.Tensor2D,
      ),
    );
  }
  const all = tf.concat(rows);
  tf.dispose(rows);
  return all;
}

describeIf('shared data', 'on the first 500 test pictures of CIFAR-10', () => {
  let pictures: ImageDataset;
  beforeAll(() => {
    const bytes = gunzipSync(readFileSync(sharedPath('cifar10/test_first500.bin.gz')));
    pictures = parseCifar([{ name: 'test_first500.bin.gz', bytes }], CIFAR10, 'test_first500.bin.gz');
  });

  /** [name, file, how many are right and the first logits of the first picture], as PyTorch and Keras have them. */
  test.each([
    ['resNet20', 'akamaster-cifar10-resnet/resnet20-12fca82f.th', 455, [-5.30968, -0.49577, 0.87726, 23.73052]],
    ['resNet32', 'akamaster-cifar10-resnet/resnet32-d509ac18.th', 466, [-0.369, 1.34328, -1.05587, 18.44102]],
    ['resNet56', 'akamaster-cifar10-resnet/resnet56-4bfd9763.th', 470, [-5.52563, -1.54687, -0.71578, 19.43942]],
    ['resNet8', 'mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5', 445, []],
    // In PyTorch: the same layers, with the kernels turned by half a circle.
    [
      'cifarDenseNetFast',
      'titu1994-cifar10-densenet/DenseNet-Fast-40-12-CIFAR10.h5',
      469,
      [1.945805, -1.904408, -0.110045, 14.293901],
    ],
  ] as const)(
    '%s has as many right as where it comes from',
    async (name, file, right, logits) => {
      const model = await fromPretrained(name, weights(file));
      expect(modelInput(model)).toMatchObject({ height: 32, width: 32, classNames: CIFAR10_CLASSES });
      const outputs = await outputsOf(model, pictures, 50);
      const guesses = Array.from(tf.tidy(() => tf.argMax(outputs, 1).dataSync()));
      const found = guesses.reduce((count, guess, i) => count + Number(guess === pictures.labels[i]), 0);
      expect(Math.abs(found - right)).toBeLessThanOrEqual(1);
      const first = outputs.dataSync().subarray(0, 10);
      // To the digits that are told.
      logits.forEach((value, i) => expect(first[i]).toBeCloseTo(value, 3));
      outputs.dispose();
      model.dispose();
    },
    300_000,
  );
});

describeIf('shared data', 'nets for ImageNet', () => {
  const darknet = 'imagenet-tiny-darknet-tfjs';
  const squeezeNet = weights('imagenet-squeezenet11-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
  const mobileNet = weights('imagenet-mobilenet-v1-025/mobilenet_v1_0.25_224.h5');

  /** Names of the classes in Darknet's order, and in that of all others, which is that of their numbers in WordNet. */
  function classNames(): { darknet: string[]; others: string[] } {
    const lines = (file: string) =>
      readFileSync(weights(`${darknet}/${file}`), 'utf8')
        .split('\n')
        .slice(0, 1000);
    const [ids, names] = [lines('imagenet.labels.list'), lines('imagenet.shortnames.list')];
    const order = ids.map((_, i) => i).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
    return { darknet: names, others: order.map((i) => names[i]!) };
  }

  /** The five likeliest classes of a picture. */
  async function topFive(model: LayersModel, picture: string, names: readonly string[]): Promise<string[]> {
    const input = modelInput(model)!;
    const path = sharedPath('pictures', picture);
    const { pixels } = resizeToCover(await decodePicture(readFileSync(path), path, 3), input.height, input.width);
    const values = new Float32Array(pixels.length);
    normalizer(input)(pixels, values, 0);
    const { indices } = tf.tidy(() =>
      tf.topk(model.predict(tf.tensor4d(values, [1, input.height, input.width, 3])) as tf.Tensor2D, 5),
    );
    return Array.from(indices.dataSync(), (index) => names[index]!);
  }

  /** [picture, what is on it by ImageNet's names, how far down the list it may stand] */
  const PICTURES = [
    // A malamute beside a bicycle.
    ['darknet/dog.jpg', /^(malamute|Siberian husky|Eskimo dog|dogsled)$/, 1],
    ['darknet/dog.jpg', /^(malamute|Siberian husky|Eskimo dog)$/, 2],
    ['darknet/eagle.jpg', /^bald eagle$/, 5],
    // Zebras stand beside the giraffe, of which ImageNet has no class.
    ['darknet/giraffe.jpg', /^zebra$/, 2],
    ['darknet/kite.jpg', /^(seashore|sandbar)$/, 1],
    // The person has a horse and a white dog.
    ['darknet/person.jpg', /^Great Pyrenees$/, 1],
    ['skimage/chelsea.png', /^(tabby|Egyptian cat|tiger cat)$/, 1],
    ['skimage/coffee.png', /^espresso$/, 1],
    ['skimage/camera.png', /^tripod$/, 1],
    ['skimage/rocket.jpg', /^space shuttle$/, 5],
  ] as const;

  test.each([
    ['mobileNet', mobileNet, 'others'],
    ['tinyDarknet', weights(`${darknet}/model.json`), 'darknet'],
  ] as const)(
    '%s names the pictures',
    async (name, file, order) => {
      const model = await fromPretrained(name, file);
      const names = classNames()[order];
      for (const [picture, expected, place] of PICTURES) {
        const found = await topFive(model, picture, names);
        const at = found.findIndex((each) => expected.test(each)) + 1;
        expect({ picture, found, named: at > 0 && at <= place }).toEqual({ picture, found, named: true });
      }
      model.dispose();
    },
    120_000,
  );

  test('Tiny Darknet gives what the same file gives as a model of tf.layers', async () => {
    const read = async (file: string) => new Uint8Array(readFileSync(weights(`${darknet}/${file}`)));
    const stock = await loadModelFiles('model.json', 'model.json', read);
    const own = await fromPretrained('auto', weights(`${darknet}/model.json`));
    const x = tf.randomUniform([2, 224, 224, 3], 0, 1, 'float32', 1);
    const [expected, found] = [stock, own].map((model) => (model.predict(x) as tf.Tensor).dataSync());
    const largest = Math.max(...expected!.map(Math.abs));
    found!.forEach((value, i) => expect(Math.abs(value - expected![i]!)).toBeLessThan(1e-4 * largest));
  }, 120_000);

  test('MobileNet and SqueezeNet without its top are recognised, and adapted', async () => {
    const reports: LoadReport[] = [];
    const onReport = (report: LoadReport) => void reports.push(report);
    const mobile = await fromPretrained('mobileNet', mobileNet, { onReport });
    const squeeze = await fromPretrained('auto', squeezeNet, { onReport });
    const headed = await fromPretrained('squeezenet', squeezeNet, { classes: 2, inputShape: [64, 64, 1], onReport });
    expect(reports.map(({ loaded, fresh, adapted }) => [loaded.length, fresh.length, adapted.length])).toEqual([
      [137, 0, 0],
      [50, 0, 0],
      [50, 2, 1],
    ]);
    expect([mobile, squeeze, headed].map(({ outputShape }) => outputShape)).toEqual([
      [null, 1000],
      [null, 13, 13, 512],
      [null, 2],
    ]);
    const scaled = [103.939, 116.779, 123.68].map((mean) => expect.closeTo(mean / 255, 12));
    expect(modelInput(squeeze)).toMatchObject({ order: 'BGR', mean: scaled });
  });

  test("SqueezeNet's features tell ants from bees", async () => {
    const model = await fromPretrained('squeezenet', squeezeNet, { pooling: 'avg' });
    // The middle of pictures whose shorter side has 256 pixels, as nets for ImageNet are tested.
    const folder = await readImageFolder(sharedPath('hymenoptera'), { height: 256, width: 256, channels: 3 });
    const crop = [new CenterCrop({ size: 224 })];
    const [known, asked] = [await outputsOf(model, folder.train, 32, crop), await outputsOf(model, folder.test, 32, crop)];
    // All features alike, so that their zeros stay zeros.
    const size = tf.tidy(() => tf.mean(known));
    const [xs, others] = [known, asked].map((features) => tf.div(features, size) as tf.Tensor2D) as [tf.Tensor2D, tf.Tensor2D];
    const classifier = new SoftmaxRegression({ regularization: 0.02, seed: 1 });
    await classifier.fit(xs, folder.train.labels, { epochs: 200 });
    const { accuracy } = await classifier.evaluate(others, folder.test.labels);
    // 140 of 153: 91.5 %; between optimum and what descent reaches lies one picture.
    expect([folder.test.count, Math.abs(accuracy * 153 - 140) < 1.5]).toEqual([153, true]);
  }, 300_000);
});
