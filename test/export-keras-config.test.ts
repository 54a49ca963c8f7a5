/** Nets as .keras and .weights.h5 files, of Keras's own layers: Keras 3 loads them and gives the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { kerasConfig } from '../src/export/index.js';
import { getModel, stateDict } from '../src/index.js';
import { readWeights, saveWeights } from '../src/weights/node.js';
import { differenceOf, type Exported, exported, exportedNets, ROUNDING } from './export-cases.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

/** Gives the outputs of each folder's model.keras, and whether its model.weights.h5 has the same weights. */
const RUN = `
import json, sys, warnings, keras, numpy as np
warnings.simplefilter('ignore')
results = {}
for name, case in json.load(open(sys.argv[1])).items():
  net = keras.saving.load_model(case['folder'] + '/model.keras')
  again = keras.Model.from_config(net.get_config())
  again.load_weights(case['folder'] + '/model.weights.h5')
  ys = net(np.fromfile(case['folder'] + '/x.bin', dtype='<f4').reshape(case['shape']), training=False)
  results[name] = dict(
    outputs=[np.asarray(y).reshape(-1).tolist() for y in (ys if isinstance(ys, (list, tuple)) else [ys])],
    same=all(np.array_equal(a, b) for a, b in zip(net.get_weights(), again.get_weights())),
    paths=[w.path for w in net.weights])
json.dump(results, sys.stdout)
`;

/** Together they use all layers that Keras has. */
const names = ['leNet5', 'inceptionV3 keras', 'cifarResNet20', 'squeezeNet1_1', 'vectors in both orders', 'stock layers'];

beforeAll(async () => void (await tf.setBackend('wasm-cnn')));

describeIf('python', 'models as Keras files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keras-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const nets: Record<string, Exported> = {};
  let found: Record<string, { outputs: number[][]; same: boolean; paths: string[] }>;

  beforeAll(async () => {
    const cases: Record<string, object> = {};
    for (const [i, name] of names.entries()) {
      const net = exported(exportedNets[name]!);
      nets[name] = net;
      const own = join(folder, String(i));
      mkdirSync(own);
      const weights = await stateDict(net.model, { framework: 'keras' });
      const metadata = { config: kerasConfig(net.model) };
      await saveWeights(join(own, 'model.keras'), weights, { metadata });
      await saveWeights(join(own, 'model.weights.h5'), weights, { metadata });
      writeFileSync(join(own, 'x.bin'), net.pictures);
      cases[name] = { folder: own, shape: net.shape };
    }
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    found = python(RUN, join(folder, 'cases.json'));
  }, 900_000);

  test.each(names)('%s gives the same', async (name) => {
    const { outputs, same, paths } = found[name]!;
    expect(outputs).toHaveLength(nets[name]!.outputs.length);
    outputs.forEach((output, i) => expect(differenceOf(output, nets[name]!.outputs[i]!)).toBeLessThan(ROUNDING));
    expect(same).toBe(true);
    const own = await stateDict(nets[name]!.model, { framework: 'keras' });
    expect([...paths].sort()).toEqual(Object.keys(own).sort());
    const read = await readWeights(join(folder, String(names.indexOf(name)), 'model.keras'));
    for (const [key, { data }] of Object.entries(own)) expect(read.arrays[key]!.data).toEqual(data);
  });
});

test('what Keras has no layer for is refused by name', () => {
  const message = (name: string) => () => kerasConfig(exportedNets[name]!());
  expect(message('leNet5 1998')).toThrow(
    /^kerasConfig: layer 'c1' must have a counterpart among Keras's own layers, got activation 'scaledTanh'/,
  );
  expect(message('zfNet')).toThrow(/^kerasConfig: layer '.*; exportModel brings one along$/);
  expect(message('every layer')).toThrow(/^kerasConfig: layer/);
  expect(() => kerasConfig(getModel('resNet18', { inputShape: [null, null, 3], width: 4 }))).toThrow(/inputShape|sizes/);
});
