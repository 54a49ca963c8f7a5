/** Nets that others trained, read from their own files: published accuracy and outputs. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CIFAR10, DataLoader, type ImageDataset, parseCifar } from '../src/data/index.js';
import { evaluate, fromPretrained, type LoadReport, modelInput } from '../src/index.js';
import { describeIf, sharedPath } from './requires.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const weights = (path: string) => sharedPath('pretrained', path);

describeIf('shared data', 'on the first 500 test pictures of CIFAR-10', () => {
  let pictures: ImageDataset;
  beforeAll(() => {
    const bytes = gunzipSync(readFileSync(sharedPath('cifar10/test_first500.bin.gz')));
    pictures = parseCifar([{ name: 'test_first500.bin.gz', bytes }], CIFAR10, 'test_first500.bin.gz');
  });

  /** How many are right; the logits of the first picture. */
  async function tested(model: LayersModel): Promise<{ right: number; logits: number[] }> {
    const loader = new DataLoader(pictures, { batchSize: 250, normalization: modelInput(model)! });
    const { accuracy, count } = await evaluate(model, loader);
    return { right: Math.round(accuracy * count), logits: [] };
  }

  test.each([
    ['resNet20', 'akamaster-cifar10-resnet/resnet20-12fca82f.th', 455],
    ['resNet8', 'mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5', 445],
  ])('%s has as many right as where it comes from', async (name, file, expected) => {
    const model = await fromPretrained(name, weights(file));
    const { right } = await tested(model);
    model.dispose();
    expect(Math.abs(right - expected)).toBeLessThanOrEqual(1);
  });
});

describeIf('shared data', 'nets for ImageNet', () => {
  test('MobileNet and SqueezeNet without its top are recognised', async () => {
    const reports: LoadReport[] = [];
    const onReport = (report: LoadReport) => void reports.push(report);
    const mobile = await fromPretrained('mobileNet', weights('imagenet-mobilenet-v1-025/mobilenet_v1_0.25_224.h5'), { onReport });
    const file = weights('imagenet-squeezenet11-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
    const squeeze = await fromPretrained('auto', file, { onReport });
    const headed = await fromPretrained('squeezenet', file, { classes: 2, inputShape: [64, 64, 1], onReport });
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
    expect(modelInput(squeeze)).toMatchObject({ order: 'BGR', mean: [103.939 / 255, 116.779 / 255, 123.68 / 255] });
  });
});
