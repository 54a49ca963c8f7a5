/** Nets as Keras models: what they give, and that they train alike. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { exportModel, importWeights } from '../src/export/index.js';
import { stateDict } from '../src/index.js';
import { differenceOf, type Exported, exported, exportedNets, ROUNDING, STEP_RATE, step, trainedNet } from './export-cases.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

const RUN = `
import importlib.util, json, os, sys
# Nets are compiled here to be run once.
os.environ['XLA_FLAGS'] = '--xla_backend_optimization_level=0'
import keras, numpy as np

def opened(folder):
    spec = importlib.util.spec_from_file_location('model', folder + '/model.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.net()
    with np.load(folder + '/weights.npz') as file:
        assert sorted(file.files) == sorted(variable.path for variable in net.weights)
    module.load_weights(net, folder + '/weights.npz')
    return module, net

def pictures(case):
    return np.fromfile(case['folder'] + '/x.bin', dtype='<f4').reshape(case['shape'])

given = json.load(open(sys.argv[1]))
results = {}
for name, case in given['cases'].items():
    ys = opened(case['folder'])[1].predict(pictures(case), verbose=0)
    results[name] = [y.reshape(-1).tolist() for y in (ys if isinstance(ys, (list, tuple)) else [ys])]

case = given['step']
module, net = opened(case['folder'])
net.compile(keras.optimizers.SGD(case['rate']), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
net.train_on_batch(pictures(case), np.array([0, 1, 2]))
module.save_weights(net, case['folder'] + '/trained.npz')
net.save(case['folder'] + '/trained.keras')
json.dump(results, sys.stdout)
`;

/** Nets are compiled there, which takes its time: a few that together use all there is. */
const names = [
  'leNet5',
  'leNet5 1998',
  'mnistConvNet',
  'alexNet',
  'zfNet',
  'vgg11',
  'googLeNet with heads',
  'googLeNet paper',
  'inceptionV3 keras',
  'resNet18',
  'resNet50V2',
  'resNeXt50_32x4d',
  'cifarResNet20',
  'denseNet keras',
  'cifarDenseNet',
  'squeezeNet1_1',
  'mobileNetV1',
  'mobileNetV2 keras, softmax',
  'nin',
  'every layer',
  'vectors in both orders',
  'stock layers',
];

describeIf('python', 'exported to Keras', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-keras-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const expected: Record<string, readonly Float32Array[]> = {};
  let found: Record<string, number[][]>;

  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
    const cases: Record<string, object> = {};
    for (const [i, name] of names.entries()) {
      const net = exported(exportedNets[name]!);
      cases[name] = await written(net, join(folder, String(i)));
      expected[name] = net.outputs;
      net.model.dispose();
    }
    const list = { cases, step: { ...(await written(exported(trainedNet), join(folder, 'step'))), rate: STEP_RATE } };
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(list));
    found = python(RUN, join(folder, 'cases.json'));
  }, 900_000);

  test.each(names)('%s gives the same', (name) => {
    const outputs = found[name]!;
    expect(outputs).toHaveLength(expected[name]!.length);
    outputs.forEach((output, i) => {
      expect(differenceOf(output, expected[name]![i]!)).toBeLessThan(ROUNDING);
    });
  });

  test('one step there is one step here: weights and moving statistics', async () => {
    // The same numbers again: they follow from names and a seed.
    const { model, ...given } = exported(trainedNet);
    const before = await stateDict(model);
    step(model, given);
    const after = await stateDict(model);
    await importWeights(model, join(folder, 'step', 'trained.npz'));
    const there = await stateDict(model);
    for (const [name, { data }] of Object.entries(after)) {
      const changes = [data, there[name]!.data].map((values) =>
        Float32Array.from(values, (value, i) => value - before[name]!.data[i]!),
      );
      // Gradients are sums that cancel: a thousand roundings of what they are made of.
      expect({ name, same: differenceOf(changes[1]!, changes[0]!) < 1e-3 }).toEqual({ name, same: true });
    }
  });
});

/** Writes the files of an export, and the pictures beside them. */
async function written({ model, pictures, shape }: Exported, to: string): Promise<{ folder: string; shape: readonly number[] }> {
  mkdirSync(to);
  for (const [file, bytes] of Object.entries(await exportModel(model, { to: 'keras' }))) writeFileSync(join(to, file), bytes);
  writeFileSync(join(to, 'x.bin'), pictures);
  return { folder: to, shape };
}
