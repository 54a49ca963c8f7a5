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
    ['resNet32', 'akamaster-cifar10-resnet/resnet32-d509ac18.th', 466],
    ['resNet56', 'akamaster-cifar10-resnet/resnet56-4bfd9763.th', 470],
    ['resNet8', 'mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5', 445],
    ['cifarDenseNetFast', 'titu1994-cifar10-densenet/DenseNet-Fast-40-12-CIFAR10.h5', 471],
  ])('%s has as many right as where it comes from', async (name, file, expected) => {
    let report: LoadReport;
    const t = Date.now();
    const model = await fromPretrained(name, weights(file), {
      onReport: (r) => {
        report = r;
      },
    });
    const t1 = Date.now();
    const { right } = await tested(model);
    console.log(name, t1 - t, Date.now() - t1, right, report!.loaded.length, report!.leftOut.length, modelInput(model));
    model.dispose();
    expect(Math.abs(right - expected)).toBeLessThanOrEqual(1);
  });
});
