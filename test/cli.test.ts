import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImageDataset } from '../src/data/dataset.js';
import { syntheticDigits } from '../src/data/digits.js';
import { bundled, runProgram } from './command-line.js';

const root = resolve(__dirname, '..');

let program: string;
let folder: string;
beforeAll(() => {
  program = bundled('src/cli/main.ts', 'cli-test');
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  writeMnist(join(folder, 'digits'), { train: 640, test: 200 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Digits in MNIST's files. */
function writeMnist(path: string, counts: { train: number; test: number }): void {
  const idx = (sizes: number[], values: Uint8Array) => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.writeUInt32BE(0x800 + sizes.length);
    sizes.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
    return gzipSync(Buffer.concat([header, values]));
  };
  mkdirSync(path, { recursive: true });
  const { train, test } = syntheticDigits(counts);
  for (const [stem, { count, images, labels }] of Object.entries<ImageDataset>({ train, t10k: test })) {
    writeFileSync(join(path, `${stem}-images-idx3-ubyte.gz`), idx([count, 28, 28], images));
    writeFileSync(join(path, `${stem}-labels-idx1-ubyte.gz`), idx([count], Uint8Array.from(labels)));
  }
}

const run = (...words: string[]) => runProgram(program, folder, ...words);

const tinyTraining = (out: string) => ['train', '--data', 'digits', '--epochs', '3', '--batch-size', '16', '--out', out];

describe('the command line', () => {
  it('lists the nets there are', () => {
    const { status, stdout } = run('models');
    expect(status).toBe(0);
    expect(stdout).toMatch(/resNet50 +torch +224 x 224 x 3 +1000 +25,557,032 +4\.089 +76\.13 % +ImageNet, torchvision/);
    expect(stdout).toMatch(/arXiv 1512\.03385: resNet18, resNet34, resNet50/);
    const { json } = run('models', '--json');
    expect(json['models']).toHaveLength(stdout.split('Published in')[0]!.match(/^[a-z]\w+ +(?=\w+ +\d+ x)/gim)!.length);
  });

  it('shows a net layer by layer', () => {
    const { status, stdout } = run('summary', 'resnet18', '--input-shape', '64x64x3', '--classes', '10', '--batch-size', '4');
    expect(status).toBe(0);
    expect(stdout).toMatch(/layer1\.0\.conv1 +Conv2D +16 x 16 x 64 +36,864/);
    expect(stdout).toMatch(/parameters +11,181,642 trainable/);
    expect(stdout).toMatch(/a step of 4 .*activations.*gradients/);
    expect(run('summary', 'resnet18', '--json').json).toMatchObject({ macs: 1814073344, variant: 'torch' });
    const unknown = run('summary', 'resnet19');
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/there is no net 'resnet19'; there are leNet5, .*resNet18/);
    expect(run('train', 'lenet6').stderr).toMatch(/there is no net 'lenet6'; there are leNet5/);
  });

  it('trains any of them', () => {
    const words = ['--data', 'digits', '--limit', '64', '--epochs', '1', '--batch-size', '32', '--out', 'small'];
    const { status, json } = run('train', 'cifar-resnet20', ...words, '--json');
    expect(status).toBe(0);
    expect(json['trainLoss']).toBeGreaterThan(0);
    expect(run('eval', 'small', '--data', 'digits', '--limit', '64', '--json').json['testAccuracy']).toBe(json['testAccuracy']);
  }, 120_000);

  it('lists its commands', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const command of ['train', 'eval', 'predict', 'models', 'summary', 'check', 'doctor', 'bench'])
      expect(stdout).toContain(`  ${command} `);
    expect(run('train', '--help').stdout).toContain('--learning-rate');
    expect(run('--version').stdout).toBe(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
  });

  it.each([
    [['train', '--learning-rate', 'NaN'], /--learning-rate.*NaN.*positive number/],
    [['train', '--learning-rate', 'Infinity'], /positive number, found 'Infinity'/],
    [['train', '--learning-rate', '0'], /positive number, found '0'/],
    [['train', '--learning-rate=-0.1'], /positive number, found '-0.1'/],
    [['train', '--epochs', '1.5'], /--epochs.*positive integer, found '1.5'/],
    [['train', '--batch-size', '0'], /--batch-size.*positive integer, found '0'/],
    [['train', '--seed', '-1'], /--seed/],
    [['train', '--format', 'tar'], /Allowed choices are auto, mnist, cifar10, cifar100, folder/],
    [['train', '--optimizer', 'magic'], /Allowed choices are sgd, adam/],
    [['summary', 'vgg16', '--input-shape', '224'], /Expected height x width x channels as in 224x224x3, found '224'/],
    // Data that are not there: nothing was read before.
    [['train', '--data', 'nowhere', '--augment', 'crop:4,flp'], /--augment.*Expected none, crop, .*mixup, cutmix .* found 'flp'/],
    [['train', '--data', 'nowhere', '--augment', 'erase:7'], /--augment.*RandomErasing: p must be a number in \[0, 1\], got 7/],
    [['train', '--colour', 'red'], /unknown option '--colour'/],
    [['predict'], /missing required argument 'picture'/],
    [['bake'], /unknown command 'bake'/],
    [[], /Usage: tfjs-cnn/],
  ])('%j makes no sense: exit code 2', (words, message) => {
    const { status, stderr, stdout } = run(...words);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it.each([
    ['data that are not there', ['train', '--data', 'nowhere'], /nowhere: expected a folder, found none/],
    ['a folder without data', ['train', '--data', '.'], /\.: expected the idx files of MNIST, .* found none of them/],
    ['a backend that is unknown', ['train', '--backend', 'abacus'], /no backend is called 'abacus'; there are wasm-cnn, cpu/],
    ['a model that is not there', ['eval', 'nothing'], /nothing\/model.json: expected a model in tfjs's format/],
    ['a folder that cannot be made', ['train', '--out', 'digits/train-images-idx3-ubyte.gz/out'], /ENOTDIR/],
  ])('%s: a message and exit code 1', (_, words, message) => {
    const { status, stderr } = run(...words);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(status).toBe(1);
  });

  it('names the file that is damaged', () => {
    const damaged = join(folder, 'damaged');
    writeMnist(damaged, { train: 4, test: 4 });
    const file = join(damaged, 'train-images-idx3-ubyte.gz');
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    const { status, stderr } = run('train', '--data', 'damaged');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/train-images-idx3-ubyte.gz: expected a gzip stream/)]);
  });
});

describe('train, eval, predict', () => {
  let trained: ReturnType<typeof run>;
  beforeAll(() => {
    trained = run(...tinyTraining('model'), '--json');
  });

  it('train prints what it does on stderr and one JSON object on stdout', () => {
    expect(trained.stderr).toMatch(/data {5}640 \+ 200 pictures of 28 x 28 x 1: digits\ntraining lenet5 on wasm-cnn: 3 epochs/);
    expect(trained.stderr).toMatch(/epoch 3 {2}loss \d\.\d{4}, accuracy \d+\.\d\d %, test \d+\.\d\d %/);
    expect(trained.stdout.split('\n')).toHaveLength(2);
    expect(trained.status).toBe(0);
    expect(trained.json).toEqual({
      testAccuracy: expect.any(Number),
      trainLoss: expect.any(Number),
      imagesPerSecond: expect.any(Number),
      seconds: expect.any(Number),
      steps: 120,
      backend: 'wasm-cnn',
      model: 'model/model.json',
    });
    expect(trained.json['testAccuracy']).toBeGreaterThan(0.5);
  });

  it('saves model, weights, card and curve, and nothing else', () => {
    const names = readdirSync(join(folder, 'model')).sort();
    expect(names).toEqual(['card.md', 'curve.svg', 'model.json', expect.stringMatching(/^weights\.[0-9a-f]{8}\.bin$/)]);
    const card = readFileSync(join(folder, 'model/card.md'), 'utf8');
    expect(card).toContain('tfjs-cnn train --data digits --epochs 3 --batch-size 16 --out model --json');
    expect(card).toContain(`Test accuracy: ${(100 * (trained.json['testAccuracy'] as number)).toFixed(2)} % of 200 pictures`);
    const curve = readFileSync(join(folder, 'model/curve.svg'), 'utf8');
    expect(curve).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(curve).not.toMatch(/NaN|undefined/);
    expect(curve.match(/<circle/g)).toHaveLength(2 * 3 + 1);
  });

  it('gives the same again for the same seed, another net for another', () => {
    const again = run(...tinyTraining('again'), '--json');
    expect(again.json['trainLoss']).toBe(trained.json['trainLoss']);
    const weightsOf = (name: string) => readdirSync(join(folder, name)).find((file) => file.startsWith('weights'));
    expect(weightsOf('again')).toBe(weightsOf('model'));
    expect(run(...tinyTraining('again'), '--seed', '2', '--json').json['trainLoss']).not.toBe(trained.json['trainLoss']);
    expect(readdirSync(join(folder, 'again'))).toHaveLength(4);
  });

  it('eval finds the accuracy that train told', () => {
    const { status, json, stderr } = run('eval', 'model', '--data', 'digits', '--json');
    expect([status, stderr]).toEqual([0, expect.stringContaining('accuracy')]);
    expect(json['testAccuracy']).toBe(trained.json['testAccuracy']);
  });

  it('predict names the digit of a picture', () => {
    const { test } = syntheticDigits({ train: 0, test: 5 });
    const { encode } = jest.requireActual<typeof import('fast-png')>('fast-png');
    let right = 0;
    for (let i = 0; i < 5; i++) {
      const pixels = test.images.slice(784 * i, 784 * (i + 1));
      const invert = i % 2 === 1;
      const data = invert ? pixels.map((value) => 255 - value) : pixels;
      writeFileSync(join(folder, 'digit.png'), encode({ width: 28, height: 28, channels: 1, depth: 8, data }));
      const { json, stderr } = run(
        'predict',
        'digit.png',
        '--model',
        'model',
        '--top',
        '2',
        '--json',
        ...(invert ? ['--invert'] : []),
      );
      const predictions = json['predictions'] as { className: string; probability: number }[];
      expect(stderr.trim().split('\n')).toHaveLength(2);
      expect(predictions[0].probability).toBeGreaterThanOrEqual(predictions[1].probability);
      if (predictions[0].className === `${test.labels[i]}`) right++;
    }
    expect(right).toBeGreaterThanOrEqual(3);
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    expect(run('predict', 'broken.png', '--model', 'model').stderr).toMatch(
      /broken.png: expected a JPEG or PNG picture, found 10 bytes/,
    );
  });

  it('refuses a damaged model and data that do not fit', () => {
    const copy = join(folder, 'copy');
    execFileSync('cp', ['-r', join(folder, 'model'), copy]);
    const weights = join(copy, readdirSync(copy).find((name) => name.startsWith('weights')) as string);
    writeFileSync(weights, readFileSync(weights).subarray(0, 1000));
    expect(run('eval', 'copy', '--data', 'digits').stderr).toMatch(
      /copy\/model.json: expected 246824 bytes of weights, found 1000/,
    );
    rmSync(weights);
    expect(run('eval', 'copy', '--data', 'digits').stderr).toMatch(
      /weights\.\w+\.bin: expected the weights that model.json names/,
    );
    writeFileSync(join(copy, 'model.json'), '{"modelTopology": ');
    expect(run('eval', 'copy', '--data', 'digits').stderr).toMatch(/copy\/model.json: expected JSON/);
    mkdirSync(join(folder, 'colours'), { recursive: true });
    for (const name of ['data_batch_1.bin', 'test_batch.bin']) writeFileSync(join(folder, 'colours', name), Buffer.alloc(3073));
    expect(run('eval', 'model', '--data', 'colours').stderr).toMatch(/takes pictures of 28 x 28 x 1, the data have 32 x 32 x 3/);
  });

  it('keeps the old model where the disk is full', () => {
    const before = readdirSync(join(folder, 'model')).map((name) => [
      name,
      readFileSync(join(folder, 'model', name)).toString('base64'),
    ]);
    // No file may grow beyond 64 blocks of 1 KiB: the weights stop in the middle as on a full disk.
    const command = `ulimit -f 64; exec "$0" "$@" 2>&1`;
    const { status, stdout } = spawnSync(
      'bash',
      ['-c', command, process.execPath, program, ...tinyTraining('model'), '--seed', '3'],
      {
        encoding: 'utf8',
        cwd: folder,
      },
    );
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/could not be saved in model: EFBIG: file too large, write; the model that is there is the old one/),
    ]);
    const after = readdirSync(join(folder, 'model')).map((name) => [
      name,
      readFileSync(join(folder, 'model', name)).toString('base64'),
    ]);
    expect(after).toEqual(before);
  });
});

describe('SIGINT', () => {
  /** Resolves when the child's stderr or stdout matches. */
  const seen = (child: ChildProcess, text: RegExp) =>
    new Promise<void>((resolve) => {
      let all = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk) => {
          all += chunk;
          if (text.test(all)) resolve();
        });
      }
    });

  it('ends a training with 130 and leaves nothing behind', async () => {
    const child = spawn(process.execPath, [program, 'train', '--data', 'digits', '--epochs', '100000', '--out', 'interrupted'], {
      cwd: folder,
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const closed = new Promise<number | null>((done) => {
      child.once('close', done);
    });
    await seen(child, /epoch 1 /);
    child.kill('SIGINT');
    expect(await closed).toBe(130);
    expect(stderr).toContain('Interrupted; nothing was saved.');
    expect(existsSync(join(folder, 'interrupted')) ? readdirSync(join(folder, 'interrupted')) : []).toEqual([]);
  });
});

describe('doctor and check', () => {
  it('doctor tells what is there and what is missing', () => {
    const { status, json } = run('doctor', '--json');
    expect(status).toBe(0);
    expect(json['node']).toBe(process.version);
    const backends = json['backends'] as { name: string; works: boolean; notes: string[] }[];
    expect(backends.map(({ name }) => name)).toEqual(['wasm-cnn', 'cpu', 'wasm', 'tensorflow', 'webgpu']);
    expect(backends.slice(0, 2).map(({ works }) => works)).toEqual([true, true]);
    expect(backends[0].notes.join()).toMatch(/SIMD.*threads: \d/);
  });

  it('check validates every op', () => {
    const { status, json } = run('check', '--json');
    expect([status, json['failed']]).toEqual([0, []]);
    expect(json['passed']).toBeGreaterThan(30);
  });

  it('bench hands over its options, or says where it is to be had', () => {
    const { status, stderr } = run('bench', '--only', 'nothing');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/--only must be one of .*, got 'nothing'|npm run bench/)]);
  });
});
