/** Nets as torchvision, timm and Keras save them: the logits that these compute, from their own files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { fromPretrained, type LoadReport } from '../src/index.js';
import { absent, describeIf, pythonFolder, sharedPath, testIf } from './requires.js';

/** What Python tells of a net. */
interface Told {
  readonly file: string;
  readonly shape: [number, number, number, number];
  readonly input: number[];
  readonly logits: number[];
}

/** [in Python, here, whose names, arrays that only training needs]. */
const nets = [
  ['resnet18', 'resNet18', 'torchvision', 0],
  ['narrow_vgg11_bn', 'vgg11', 'torchvision', 0],
  ['densenet121', 'denseNet121', 'torchvision', 0],
  ['mobilenet_v2', 'mobileNetV2', 'torchvision', 0],
  ['squeezenet1_1', 'squeezeNet1_1', 'torchvision', 0],
  ['googlenet', 'googLeNet', 'torchvision', 18],
  ['inception_v3', 'inceptionV3', 'torchvision', 12],
  ['timm.resnet18', 'resNet18', 'torchvision', 0],
  ['timm.resnet50', 'resNet50', 'torchvision', 0],
  ['timm.mobilenetv2_050', 'mobileNetV2', 'timm', 0],
  ['keras.MobileNet+weights.h5', 'mobileNetV1', 'Keras Applications', 0],
  ['keras.MobileNetV2+keras', 'mobileNetV2', 'Keras Applications', 0],
  ['keras.ResNet50V2+h5', 'resNet50V2', 'Keras Applications', 0],
  ['keras.InceptionV3+h5', 'inceptionV3', 'Keras Applications', 0],
] as const;

/** A file of Keras's own, which it reads, too. */
const mobileNet = `keras.MobileNet+${sharedPath('pretrained/imagenet-mobilenet-v1-025/mobilenet_v1_0.25_224.h5')}`;

describeIf('python', 'logits after fromPretrained', () => {
  let folder: string;
  const told: Record<string, Told> = {};
  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
    folder = mkdtempSync(join(tmpdir(), 'frameworks-'));
    const run = (names: readonly string[]) => {
      const script = join(__dirname, 'fixtures/frameworks.py');
      const options = {
        env: { ...process.env, PYTHONPATH: pythonFolder, PYTHONDONTWRITEBYTECODE: '1', KERAS_BACKEND: 'jax' },
        maxBuffer: 2 ** 28,
        stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
      };
      Object.assign(told, JSON.parse(execFileSync('python3', [script, folder, ...names], options).toString()));
    };
    // Neither torch nor jax likes the other in its process.
    run(nets.map(([name]) => name).filter((name) => !name.startsWith('keras.')));
    const published = absent('shared data') ? [] : [mobileNet];
    run([...nets.map(([name]) => name).filter((name) => name.startsWith('keras.')), ...published]);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function expectLogits(name: string, net: string, names: string, forTraining: number): Promise<void> {
    const { file, shape, input, logits } = told[name]!;
    let report: LoadReport | undefined;
    const [, height, width, channels] = shape;
    const model = await fromPretrained(net, file, {
      inputShape: [height, width, channels],
      onReport: (found) => {
        report = found;
      },
    });
    expect(report).toMatchObject({ missing: [], unexpected: [], mismatched: [], fresh: [], adapted: [] });
    expect(report!.net).toMatchObject({ net, names, classes: logits.length / shape[0] || 10 });
    expect(report!.leftOut.filter((left) => !left.endsWith('num_batches_tracked'))).toHaveLength(forTraining);
    const found = tf.tidy(() => (model.predict(tf.tensor4d(input, shape)) as tf.Tensor).dataSync());
    model.dispose();
    // Of some nets Python told nothing but their names.
    if (logits.length === 0) return;
    const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    logits.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-4 * largest));
  }

  test.each(nets)('%s', expectLogits, 120_000);

  testIf('shared data', "Keras's own MobileNet", () => expectLogits(mobileNet, 'mobileNetV1', 'Keras Applications', 0), 120_000);
});
