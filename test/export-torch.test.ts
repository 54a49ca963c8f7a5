/** Nets as PyTorch modules: what they give, and that they train alike. */
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
os.environ['OMP_NUM_THREADS'] = '1'
import numpy as np, torch, torch.nn.functional as F

def opened(folder):
    spec = importlib.util.spec_from_file_location('model', folder + '/model.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.Net()
    net.load_state_dict(torch.load(folder + '/weights.pt', weights_only=True))
    return net

def pictures(case):
    return torch.tensor(np.fromfile(case['folder'] + '/x.bin', dtype='<f4').reshape(case['shape'])).permute(0, 3, 1, 2)

given = json.load(open(sys.argv[1]))
results = {}
for name, case in given['cases'].items():
    with torch.no_grad():
        ys = opened(case['folder']).eval()(pictures(case))
    ys = ys if isinstance(ys, tuple) else (ys,)
    results[name] = [(y.permute(0, 2, 3, 1) if y.dim() == 4 else y).reshape(-1).tolist() for y in ys]

case = given['step']
net = opened(case['folder']).train()
optimizer = torch.optim.SGD(net.parameters(), case['rate'])
F.cross_entropy(net(pictures(case)), torch.tensor([0, 1, 2])).backward()
optimizer.step()
torch.save(net.state_dict(), case['folder'] + '/trained.pt')
json.dump(results, sys.stdout)
`;

describeIf('python', 'exported to PyTorch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-torch-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const names = Object.keys(exportedNets);
  const expected: Record<string, readonly Float32Array[]> = {};
  let found: Record<string, number[][]>;

  beforeAll(async () => {
    const cases: Record<string, object> = {};
    for (const [i, name] of names.entries()) {
      await tf.setBackend('wasm-cnn');
      const net = exported(exportedNets[name]!);
      cases[name] = await written(net, join(folder, String(i)));
      expected[name] = net.outputs;
      net.model.dispose();
    }
    const list = { cases, step: { ...(await written(exported(trainedNet), join(folder, 'step'))), rate: STEP_RATE } };
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(list));
    found = python(RUN, join(folder, 'cases.json'));
  }, 600_000);

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
    await importWeights(model, join(folder, 'step', 'trained.pt'));
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
  for (const [file, bytes] of Object.entries(await exportModel(model, { to: 'torch-ddp' }))) writeFileSync(join(to, file), bytes);
  writeFileSync(join(to, 'x.bin'), pictures);
  return { folder: to, shape };
}
