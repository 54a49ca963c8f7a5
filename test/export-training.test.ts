/** Exported nets, trained by the real engines in two processes and on two devices, and brought back. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model, input as picture, type SymbolicTensor, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { loadModel, saveModel } from '../src/cli/saved-model.js';
import { normalizer } from '../src/data/normalization.js';
import { resizeToCover } from '../src/data/resize.js';
import { layers, readWeights, setLossWeights, stateDict, writeWeights } from '../src/index.js';
import { bundled, runProgram } from './command-line.js';
import { differenceOf, ROUNDING } from './export-cases.js';
import { uniform } from './golden-fill.js';
import { python } from './python.js';
import { describeIf, pythonFolder } from './requires.js';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

let program: string;
const run = (...words: string[]) => runProgram(program, folder, ...words);

const input = {
  height: 12,
  width: 12,
  channels: 3 as const,
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.25, 0.3],
  classNames: ['red', 'green', 'blue'],
};

/** A net with an auxiliary head, whose loss counts less. */
function smallNet(): LayersModel {
  const through = (x: SymbolicTensor, ...chain: tfLayers.Layer[]) =>
    chain.reduce((y, layer) => layer.apply(y) as SymbolicTensor, x);
  const inputs = picture({ shape: [12, 12, 3] });
  const stem = through(
    inputs,
    layers.conv2d({ name: 'features.0', filters: 6, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
    layers.batchNormalization({ name: 'features.1', activation: 'relu', momentum: 0.9, unbiasedVariance: true }),
  );
  const logits = through(
    stem,
    layers.conv2d({ name: 'features.3', filters: 8, kernelSize: 3, padding: 1 }),
    layers.batchNormalization({ name: 'features.4', activation: 'relu', momentum: 0.9 }),
    layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
    layers.dropout({ name: 'dropout', rate: 0.1 }),
    layers.flatten({ name: 'flatten' }),
    layers.dense({ name: 'classifier', units: 3 }),
  );
  const auxiliary = through(stem, layers.globalAveragePooling2d({ name: 'mean' }), layers.dense({ name: 'aux', units: 3 }));
  const net = model({ inputs, outputs: [logits, auxiliary] });
  setLossWeights(net, [1, 0.3]);
  return net;
}

/** Noise, in which one colour is brighter: the class. */
function pictures(count: number, seed: number) {
  const noise = uniform(`pictures ${seed}`, count * 432);
  const data = Uint8Array.from(noise, (value, i) => 78 * (value + 1) + (i % 3 === Math.floor(i / 432) % 3 ? 99 : 0));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  return [
    { shape: [count, 12, 12, 3], dtype: 'uint8' as const, data },
    { shape: [count], dtype: 'uint8' as const, data: labels },
  ] as const;
}

const [xTest, yTest] = pictures(30, 2);

/** Logits of the test pictures. */
function logitsOf(net: LayersModel): Float32Array {
  const pixels = new Float32Array(xTest.data.length);
  normalizer(input)(xTest.data, pixels, 0);
  return tf.tidy(() => (net.predict(tf.tensor(pixels, [...xTest.shape])) as tf.Tensor[])[0]!.dataSync() as Float32Array);
}

beforeAll(async () => {
  program = bundled('src/cli/main.ts', 'export-test');
  await tf.setBackend('wasm-cnn');
  await saveModel(smallNet(), input, folder, {});
  const [x_train, y_train] = pictures(90, 1);
  const arrays = { x_train, y_train, x_test: xTest, y_test: yTest };
  writeFileSync(join(folder, 'data.npz'), await writeWeights({ arrays, framework: undefined }, 'npz'));
});

const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  PYTHONPATH: pythonFolder,
  PYTHONDONTWRITEBYTECODE: '1',
  ...more,
});

const usual = ['--data', '../data.npz', '--epochs', '4', '--learning-rate', '0.05', '--flip', '--crop', '1', '--warmup', '1'];

describeIf('python', 'export --to torch-ddp', () => {
  const words = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2', 'train.py', ...usual, '--batch-size', '8'];
  const cwd = join(folder, 'torch');
  // Where a machine's name leads nowhere, processes on it find each other still.
  const options = { cwd, encoding: 'utf8', env: environment({ GLOO_SOCKET_IFNAME: 'lo' }) } as const;
  const train = (...more: string[]) => spawnSync('python3', [...words, '--device', 'cpu', '--workers', '0', ...more], options);

  it('writes what torchrun trains in two processes, and import brings back', async () => {
    const { status, stdout, stderr } = run('export', folder, 'torch', '--to', 'torch-ddp');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('wrote model.py, weights.pt, train.py, data.py, README.md to torch');

    const training = train();
    expect({ status: training.status, stderr: training.status === 0 ? '' : training.stderr }).toEqual({ status: 0, stderr: '' });
    const epochs = training.stdout.trim().split('\n');
    expect(epochs).toHaveLength(4);
    expect(Number(/accuracy ([\d.]+)/.exec(epochs[3]!)![1])).toBeGreaterThan(0.9);

    const imported = run('import', 'torch/trained.pt', '--model', folder, '--out', 'from-torch', '--json');
    expect(imported.json).toMatchObject({ loaded: 15, model: join('from-torch', 'model.json') });
    const { model: back, input: kept } = await loadModel(join(folder, 'from-torch'));
    expect(kept).toEqual(input);
    const there = python<number[]>(TORCH_LOGITS, cwd);
    expect(differenceOf(there, logitsOf(back))).toBeLessThan(ROUNDING);
    // They were trained: the net that was exported says something else.
    expect(differenceOf(there, logitsOf((await loadModel(folder)).model))).toBeGreaterThan(0.1);
  }, 600_000);

  it('goes on after it was killed, to the same weights', async () => {
    const whole = await readWeights(join(cwd, 'trained.pt'));
    for (const file of ['trained.pt', 'checkpoint.pt']) rmSync(join(cwd, file));
    await killedAfterAnEpoch([...words, '--device', 'cpu', '--workers', '0'], options);
    expect(existsSync(join(cwd, 'trained.pt'))).toBe(false);
    const { status, stdout } = train('--resume');
    expect(status).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 9)),
    ).toEqual(['epoch 2/4', 'epoch 3/4', 'epoch 4/4']);
    const resumed = await readWeights(join(cwd, 'trained.pt'));
    expect(resumed.arrays).toEqual(whole.arrays);
  }, 600_000);
});

/** train.py that waits where its first checkpoint is whole, however slow the test's own process is. */
const HELD = `
import os, time
import train

replace = os.replace

def hold(*paths):
    replace(*paths)
    open('held', 'w').close()
    time.sleep(600)

os.replace = hold
open(f'{os.getpid()}.pid', 'w').close()
train.main()
`;

/** Starts the training and kills it, with all its processes, when the first epoch is done. */
async function killedAfterAnEpoch(words: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const { cwd } = options;
  writeFileSync(join(cwd, 'held.py'), HELD);
  const heldWords = words.map((word) => (word === 'train.py' ? 'held.py' : word));
  const child = spawn('python3', heldWords, { ...options, stdio: 'ignore' });
  const end = new Promise((resolve) => child.on('exit', resolve));
  while (!existsSync(join(cwd, 'held')) && child.exitCode === null) await sleep(20);
  if (child.exitCode !== null) throw new Error(`The training ended by itself: ${child.exitCode}.`);
  child.kill('SIGKILL');
  // Each process of the training has a session of its own: none goes with its parent.
  for (const file of readdirSync(cwd).filter((name) => name.endsWith('.pid'))) process.kill(parseInt(file, 10), 'SIGKILL');
  await end;
}

const TORCH_LOGITS = `
import json, os, sys
os.chdir(sys.argv[1])
sys.path.insert(0, '.')
import numpy as np, torch
import data
from model import Net
net = Net().eval()
net.load_state_dict(torch.load('trained.pt', weights_only=True))
_, test = data.load('../data.npz')
x = torch.tensor(np.stack([test[i][0] for i in range(len(test))])).permute(0, 3, 1, 2)
with torch.no_grad():
    json.dump(net(x)[0].reshape(-1).tolist(), sys.stdout)
`;

describeIf('python', 'export --to keras', () => {
  it('writes what Keras trains on two devices, and import brings back', async () => {
    expect(run('export', folder, 'keras', '--to', 'keras').status).toBe(0);
    const env = environment({
      XLA_FLAGS: '--xla_force_host_platform_device_count=2 --xla_backend_optimization_level=0',
      KERAS_BACKEND: 'jax',
    });
    const words = ['train.py', ...usual, '--batch-size', '16', '--workers', '1'];
    const cwd = join(folder, 'keras');
    const training = spawnSync('python3', words, { cwd, encoding: 'utf8', env });
    expect({ status: training.status, stderr: training.status === 0 ? '' : training.stderr }).toEqual({ status: 0, stderr: '' });
    const accuracies = [...training.stdout.matchAll(/val_\w*accuracy: ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(accuracies).toHaveLength(4);
    expect(accuracies[3]).toBeGreaterThan(0.9);

    const imported = run('import', 'keras/trained.npz', '--model', folder, '--out', 'from-keras');
    expect({ status: imported.status, stderr: imported.stderr }).toEqual({ status: 0, stderr: '' });
    const { model: back } = await loadModel(join(folder, 'from-keras'));
    const there = python<number[]>(KERAS_LOGITS, cwd);
    expect(differenceOf(there, logitsOf(back))).toBeLessThan(ROUNDING);
    expect(differenceOf(there, logitsOf((await loadModel(folder)).model))).toBeGreaterThan(0.1);
  }, 600_000);
});

const KERAS_LOGITS = `
import json, os, sys
os.chdir(sys.argv[1])
sys.path.insert(0, '.')
import keras, numpy as np
import data, model
net = keras.saving.load_model('trained.keras')
_, test = data.load('../data.npz')
x = np.stack([test[i][0] for i in range(len(test))])
json.dump(np.asarray(net(x, training=False)[0]).reshape(-1).tolist(), sys.stdout)
`;

describe('import', () => {
  it('refuses what does not fit, names it, and leaves nothing behind', async () => {
    const { model: net } = await loadModel(folder);
    const { arrays } = await readWeights(await writeWeights(await stateDict(net), 'pytorch'));
    const { 'classifier.bias': bias, 'features.0.weight': filter, ...others } = arrays;
    const wrong = { ...others, 'head.bias': bias!, 'features.0.weight': { ...filter!, shape: [6, 3, 9] } };
    writeFileSync(join(folder, 'wrong.pt'), await writeWeights({ arrays: wrong, framework: 'torch' }, 'pytorch'));
    const { status, stderr } = run('import', 'wrong.pt', '--model', folder, '--out', 'wrong');
    expect(status).toBe(1);
    expect(stderr).toContain('missing classifier.bias');
    expect(stderr).toContain('unexpected head.bias');
    expect(stderr).toContain('features.0.weight (expected [6,3,3,3], got [6,3,9])');
    expect(existsSync(join(folder, 'wrong'))).toBe(false);

    const damaged = readFileSync(join(folder, 'wrong.pt')).subarray(0, 700);
    writeFileSync(join(folder, 'damaged.pt'), damaged);
    expect(run('import', 'damaged.pt', '--model', folder, '--out', 'wrong')).toMatchObject({ status: 1 });
    expect(existsSync(join(folder, 'wrong'))).toBe(false);
  });
});

describe('export', () => {
  it('takes a net by name, and says what it does not know', () => {
    const { status, json } = run(
      'export',
      'cifarResNet20',
      'fresh',
      '--to',
      'onnx',
      '--classes',
      '7',
      '--layout',
      'nchw',
      '--json',
    );
    expect(status).toBe(0);
    expect(json).toEqual({ to: 'onnx', out: 'fresh', files: ['model.onnx'] });
    expect(run('export', 'cifarResNet21', 'fresh', '--to', 'onnx').stderr).toContain("a net that 'tfjs-cnn models' lists");
    expect(run('export', folder, 'fresh', '--to', 'caffe').status).toBe(2);
  });
});

describeIf('python', 'data.py', () => {
  it('reads class folders, CIFAR and MNIST files, and prepares pictures as the net wants them', () => {
    const here = join(folder, 'data');
    mkdirSync(here);
    expect(run('export', folder, 'data', '--to', 'torch-ddp').status).toBe(0);
    const { bordered, ...results } = python<Record<string, unknown> & { bordered: number[] }>(DATA, here);
    const pixels = Uint8Array.from({ length: 24 * 36 }, (_, i) => {
      const [x, y] = [i % 36, Math.floor(i / 36)];
      return (7 * x * x + 13 * y * y + x * y) % 251;
    });
    const here16 = resizeToCover({ pixels, height: 24, width: 36, channels: 1 }, 12, 12, 16);
    // Pillow rounds after each axis.
    expect(bordered).toHaveLength(144);
    expect(bordered.filter((pixel, i) => Math.abs(pixel - here16.pixels[i]!) > 1)).toEqual([]);
    expect(results).toEqual({
      arrays_as_they_are: true,
      folders: { train: 8, test: 4, labels: [0, 0, 0, 0, 1, 1, 1, 1], shape: [12, 12, 3], middle: true },
      held_out: { train: 8, test: 2, again: true },
      cifar: { train: 4, test: 2, labels: [3, 1, 4, 1], first: [10, 20, 30] },
      mnist: { train: 3, test: 2, labels: [7, 8, 9] },
      changed: { same: true, other: true },
      refused: 'expected class folders, CIFAR or MNIST files, or an .npz file',
    });
  });
});

const DATA = `
import gzip, json, os, sys
os.chdir(sys.argv[1])
# What data.py asks of model.py, without a framework.
open('model.py', 'w').write('''
HEIGHT, WIDTH, CHANNELS, RESIZE = 12, 12, 3, 0
MEAN, STD, ORDER, CLASS_NAMES = [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], 'BGR', []
''')
sys.path.insert(0, '.')
import numpy as np
from PIL import Image
import data
results = {}

def picture(path, color):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pixels = np.zeros((24, 48, 3), np.uint8)
    pixels[:, 12:36] = color
    Image.fromarray(pixels).save(path)

for part, count in ('train', 4), ('val', 2):
    for name, color in ('ants', (255, 0, 0)), ('bees', (0, 255, 0)):
        for i in range(count):
            picture(f'parts/{part}/{name}/{i}.png', color)
train, test = data.load('parts')
x, label = train[0]
# Red comes last, and nothing but the middle is left; its edge is mixed with what was beside it.
middle = bool((x[:, 2:-2, 2] == 1).all() and (x[:, 2:-2, :2] == -1).all())
results['folders'] = dict(train=len(train), test=len(test), labels=train.labels.tolist(), shape=x.shape, middle=middle)

for name in 'ants', 'bees':
    for i in range(5):
        picture(f'whole/{name}/{i}.png', (i, i, i))
(train, test), (again, _) = data.load('whole', seed=3), data.load('whole', seed=3)
results['held_out'] = dict(train=len(train), test=len(test), again=train.pictures == again.pictures)

os.makedirs('cifar')
def batch(path, labels):
    rows = [bytes([label]) + bytes([10]) * 1024 + bytes([20]) * 1024 + bytes([30]) * 1024 for label in labels]
    open(path, 'wb').write(b''.join(rows))
batch('cifar/data_batch_1.bin', [3, 1])
batch('cifar/data_batch_2.bin', [4, 1])
batch('cifar/test_batch.bin', [5, 9])
train, test = data.load('cifar')
results['cifar'] = dict(train=len(train), test=len(test), labels=train.labels.tolist(), first=train.pictures[0, 0, 0].tolist())

os.makedirs('mnist')
for part, labels in ('train', [7, 8, 9]), ('t10k', [1, 2]):
    count = len(labels)
    header = bytes([0, 0, 8, 3]) + np.array([count, 28, 28], '>u4').tobytes()
    gzip.open(f'mnist/{part}-images-idx3-ubyte.gz', 'wb').write(header + bytes(784 * count))
    open(f'mnist/{part}-labels-idx1-ubyte', 'wb').write(bytes([0, 0, 8, 1]) + np.array([count], '>u4').tobytes() + bytes(labels))
train, test = data.load('mnist')
results['mnist'] = dict(train=len(train), test=len(test), labels=train.labels.tolist())

random = np.random.default_rng(1).integers(0, 256, (1, 12, 12, 3)).astype(np.uint8)
train = data.Pictures(random, [0], flip=True, crop=3, seed=5)
first = train[0][0]
same = bool((first == train[0][0]).all())
train.epoch = 1
results['changed'] = dict(same=same, other=bool((first != train[0][0]).any()))

pixels = [[(7 * x * x + 13 * y * y + x * y) % 251 for x in range(36)] for y in range(24)]
Image.fromarray(np.asarray(pixels, np.uint8)).save('bordered.png')
data.RESIZE = 16
bordered = data.Pictures(['bordered.png'], [0])[0][0]
results['bordered'] = np.round(bordered[:, :, 0] * 127.5 + 127.5).astype(int).reshape(-1).tolist()
results['arrays_as_they_are'] = bool((data.Pictures(random, [0])[0][0][:, :, ::-1] == random[0] / np.float32(127.5) - 1).all())
try:
    os.makedirs('empty')
    data.load('empty')
except SystemExit as refused:
    results['refused'] = str(refused).split(': ', 1)[1]
json.dump(results, sys.stdout)
`;
