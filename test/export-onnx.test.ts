/** Nets as ONNX files: onnxruntime gives for them what they give here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { exportModel } from '../src/export/index.js';
import { leNet5 } from '../src/index.js';
import { setModelInput } from '../src/weights/index.js';
import { differenceOf, exported, exportedNets, ROUNDING } from './export-cases.js';
import { python } from './python.js';
import { describeIf } from './requires.js';

const RUN = `
import json, sys
import numpy as np, onnx, onnxruntime as ort
options = ort.SessionOptions()
options.intra_op_num_threads = 1
results = {}
for name, case in json.load(open(sys.argv[1])).items():
    onnx.checker.check_model(onnx.load(case['file']), full_check=True)
    session = ort.InferenceSession(case['file'], options, providers=['CPUExecutionProvider'])
    x = np.fromfile(case['pictures'], dtype='<f4').reshape(case['shape'])
    if case['nchw']:
        x = x.transpose(0, 3, 1, 2)
    ys = session.run(None, {'input': x})
    if case['nchw']:
        ys = [y.transpose(0, 2, 3, 1) if y.ndim == 4 else y for y in ys]
    results[name] = {
        'outputs': [y.reshape(-1).tolist() for y in ys],
        'one': [y.reshape(-1).tolist() for y in session.run(None, {'input': x[:1]})],
        'names': [each.name for each in session.get_outputs()],
        'input': session.get_inputs()[0].shape,
        'metadata': session.get_modelmeta().custom_metadata_map,
    }
json.dump(results, sys.stdout)
`;

interface Served {
  readonly outputs: number[][];
  readonly one: number[][];
  readonly names: string[];
  readonly input: unknown[];
  readonly metadata: Record<string, string>;
}

describeIf('python', 'exported to ONNX', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const nets = { ...exportedNets, 'channels first': exportedNets['every layer']!, 'with pictures': digits };
  const names = Object.keys(nets) as (keyof typeof nets)[];
  const expected: Record<string, readonly Float32Array[]> = {};
  let found: Record<string, Served>;

  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
    const cases: Record<string, object> = {};
    for (const [i, name] of names.entries()) {
      const nchw = name === 'channels first';
      const { model, pictures, shape, outputs } = exported(nets[name]!);
      const [file, data] = [join(folder, `${i}.onnx`), join(folder, `${i}.bin`)];
      const files = await exportModel(model, { to: 'onnx', layout: nchw ? 'nchw' : 'nhwc' });
      expect(Object.keys(files)).toEqual(['model.onnx']);
      writeFileSync(file, files['model.onnx']!);
      writeFileSync(data, pictures);
      cases[name] = { file, pictures: data, shape, nchw };
      expected[name] = outputs;
      model.dispose();
    }
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    found = python(RUN, join(folder, 'cases.json'));
  }, 600_000);

  test.each(names)('%s gives the same, for any number of pictures', (name) => {
    const { outputs, one } = found[name]!;
    expect(outputs).toHaveLength(expected[name]!.length);
    outputs.forEach((output, i) => {
      expect(differenceOf(output, expected[name]![i]!)).toBeLessThan(ROUNDING);
      expect(one[i]!.length * 3).toBe(output.length);
    });
  });

  test('the file says what goes in and comes out', () => {
    const { names: outputs, input, metadata } = found['with pictures']!;
    expect(outputs).toEqual(['fc3']);
    expect(input).toEqual(['batch', 28, 28, 1]);
    expect(JSON.parse(metadata['preprocessing']!)).toMatchObject({
      layout: 'nhwc',
      order: 'grey',
      mean: [0.13],
      std: [0.31],
      formula: '(pixel / 255 - mean) / std',
    });
    expect(JSON.parse(metadata['classNames']!)).toEqual([...'0123456789']);
    expect(found['channels first']!.input).toEqual(['batch', 4, 13, 18]);
    // Without a word of the model the catalogue's: torchvision's (x - mean) / std.
    expect(JSON.parse(found['resNet18']!.metadata['preprocessing']!)).toMatchObject({
      order: 'RGB',
      mean: [0.485, 0.456, 0.406],
    });
  });
});

function digits() {
  const model = leNet5({ seed: 1 });
  setModelInput(model, { height: 28, width: 28, channels: 1, mean: [0.13], std: [0.31], classNames: [...'0123456789'] });
  return model;
}
