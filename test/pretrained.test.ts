import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader, type ImageDataset, readMnist } from '../src/data/node.js';
import { evaluate, fromPretrained, leNet5, modelInput, PRETRAINED, type PretrainedName, setModelInput } from '../src/index.js';
import { readJpegCifar } from './jpeg-cifar.js';
import { sharedPath, testIf } from './requires.js';

const models = resolve(__dirname, '../models');

beforeAll(() => tf.setBackend('wasm-cnn'));

test('every folder of models/ is a net that can be asked for, with its card, and all are small', () => {
  const folders = readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...PRETRAINED].sort());
  let bytes = 0;
  for (const { name } of folders) {
    for (const file of readdirSync(join(models, name))) bytes += statSync(join(models, name, file)).size;
    const card = readFileSync(join(models, name, 'card.md'), 'utf8');
    for (const fact of ['Test accuracy: ', 'Command: `tfjs-cnn train ', 'Seed: ', 'Backend: wasm-cnn', 'Data: '])
      expect(card).toContain(fact);
  }
  expect(bytes).toBeLessThan(3e6);
});

test.each(PRETRAINED)('%s says what its pictures must look like, and has a class for every output', async (name) => {
  const model = await fromPretrained(name);
  const input = modelInput(model)!;
  expect([null, input.height, input.width, input.channels]).toEqual(model.inputs[0]!.shape);
  expect(input.classNames).toHaveLength(model.outputs[0]!.shape[1]!);
  expect(input.mean).toHaveLength(input.channels);
  model.dispose();
});

/** Accuracy on the test pictures; the card tells it, too. */
async function expectAccuracy(name: PretrainedName, test: ImageDataset, least: number, digits: number): Promise<void> {
  const model = await fromPretrained(name);
  const { accuracy } = await evaluate(model, new DataLoader(test, { batchSize: 250, normalization: modelInput(model)! }));
  const told = readFileSync(join(models, name, 'card.md'), 'utf8').match(/Test accuracy: ([\d.]+) %/)![1];
  expect(100 * accuracy).toBeCloseTo(Number(told), digits);
  expect(accuracy).toBeGreaterThanOrEqual(least);
  model.dispose();
}

testIf('mnist', 'the digits are read as the cards tell', async () => {
  const { test: digits } = readMnist(sharedPath('mnist'));
  await expectAccuracy('leNet5-mnist', digits, 0.992, 2);
  await expectAccuracy('mnistConvNet-mnist', digits, 0.98, 2);
});

testIf('shared data', 'clothes are told apart as the card tells', async () => {
  await expectAccuracy('cifarResNet20-fashion', readMnist(sharedPath('fashion-mnist')).test, 0.93, 2);
});

testIf(['shared data', 'python'], 'colour pictures are told apart as the card tells', async () => {
  await expectAccuracy('cifarResNet20-cifar10', readJpegCifar(), 0.89, 1);
});

describe('where models come from', () => {
  let server: Server;
  let url: string;
  let reply: (path: string) => Buffer | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = reply(request.url!);
      response.writeHead(body ? 200 : 404).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nets`;
  });
  afterAll(() => server.close());
  const own = (path: string) => readFileSync(join(models, path.replace(/^\/nets\//, '')));

  test('a server or a folder gives the same net as the package', async () => {
    const [inside, folder] = [
      await fromPretrained('leNet5-mnist'),
      await fromPretrained('leNet5-mnist', { from: pathToFileURL(models) }),
    ];
    reply = own;
    const served = await fromPretrained('leNet5-mnist', { from: url });
    const weights = inside.getWeights().map((weight) => weight.dataSync());
    for (const net of [folder, served]) expect(net.getWeights().map((weight) => weight.dataSync())).toEqual(weights);
  });

  test('what is absent or damaged is named', async () => {
    reply = () => undefined;
    await expect(fromPretrained('leNet5-mnist', { from: url })).rejects.toThrow(/leNet5-mnist\/model.json: .*status 404/);
    reply = (path) => (path.endsWith('.json') ? own(path) : own(path).subarray(4));
    await expect(fromPretrained('leNet5-mnist', { from: url })).rejects.toThrow(/expected 246824 bytes of weights, found 246820/);
    reply = (path) => (path.endsWith('.json') ? Buffer.from('{') : own(path));
    await expect(fromPretrained('leNet5-mnist', { from: url })).rejects.toThrow(/expected JSON/);
    reply = (path) =>
      Buffer.from(
        own(path)
          .toString('latin1')
          .replace(/weights\.[0-9a-f]+\.bin/, '../../secret'),
      );
    await expect(fromPretrained('leNet5-mnist', { from: url })).rejects.toThrow(
      /names of weight files beside it, found ..\/..\/secret/,
    );
    await expect(fromPretrained('leNet9' as PretrainedName)).rejects.toThrow(/name must be one of "leNet5-mnist"/);
  });
});

test('what a model must be given is saved with it', async () => {
  const model = leNet5({ seed: 1 });
  expect(modelInput(model)).toBeUndefined();
  const input = { height: 28, width: 28, channels: 1 as const, classNames: ['0'], mean: [0.5], std: [0.25] };
  setModelInput(model, input);
  let saved: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  expect(modelInput(await tfl.loadLayersModel(tf.io.fromMemory(saved)))).toEqual(input);
});
