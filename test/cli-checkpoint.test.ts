import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled, runProgram } from './command-line.js';

let program: string;
let folder: string;
beforeAll(() => {
  program = bundled('src/cli/main.ts', 'cli-checkpoint-test');
  folder = mkdtempSync(join(tmpdir(), 'cli-checkpoint-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const training = (out: string, ...more: string[]) => [
  ...['train', 'mnistConvNet', '--data', 'synthetic', '--limit', '500', '--epochs', '4', '--batch-size', '16', '--seed', '5'],
  ...['--augment', 'crop:2', '--out', out, '--json', ...more],
];
const run = (...words: string[]) => runProgram(program, folder, ...words);
/** Named after its contents. */
const weightsOf = (out: string) => readdirSync(join(folder, out)).find((name) => name.endsWith('.bin'));

test('a training goes on where it stood, and ends as one that never stopped', async () => {
  expect(run(...training('unbroken')).status).toBe(0);
  const resumed = ['--checkpoint', 'checkpoints', '--resume', '--log', 'log'];
  for (let interruptions = 0; interruptions < 2; interruptions++) {
    const child = spawn(process.execPath, [program, ...training('broken', ...resumed)], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
      // After the first epoch that it took itself.
      if (/epoch \d/.test(String(text))) child.kill('SIGINT');
    });
    const status = await new Promise((done) => child.once('close', done));
    expect([status, stderr]).toEqual([130, expect.stringContaining('--resume goes on from checkpoints')]);
  }
  const { status, json, stderr } = run(...training('broken', ...resumed));
  expect(status).toBe(0);
  expect(stderr).toMatch(/goes on from checkpoint-\d+-step-\d+\.safetensors/);
  expect(json['resumedFrom']).toMatch(/^checkpoint-/);
  expect(weightsOf('broken')).toBe(weightsOf('unbroken'));
  expect(weightsOf('broken')).toBeDefined();
  // The log holds every step once.
  const lines = readFileSync(join(folder, 'log/log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const steps = lines.filter(({ kind }) => kind === 'step').map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 128 }, (_, i) => i + 1));
  expect(readdirSync(join(folder, 'log')).filter((name) => name.includes('tfevents')).length).toBeGreaterThan(1);
});

test('the end of a training that has ended already is its end again', () => {
  const { status, json } = run(...training('again', '--checkpoint', 'checkpoints', '--resume'));
  expect([status, typeof json['testAccuracy']]).toEqual([0, 'number']);
  expect(weightsOf('again')).toBe(weightsOf('unbroken'));
});

test('does not go on from checkpoints, nor write over them, unless it is told to', () => {
  const { status, stderr } = run(...training('other', '--checkpoint', 'checkpoints'));
  expect([status, stderr]).toEqual([1, expect.stringMatching(/checkpoints holds checkpoint-.*; add --resume to go on/)]);
});

test('says that a checkpoint is of another training', () => {
  const { status, stderr } = run(...training('other', '--checkpoint', 'checkpoints', '--resume', '--limit', '490'));
  expect([status, stderr]).toEqual([1, expect.stringMatching(/is of another training: the data's count must be 490, found 500/)]);
  const other = run(...training('other', '--checkpoint', 'checkpoints', '--resume', '--seed', '6'));
  expect([other.status, other.stderr]).toEqual([1, expect.stringMatching(/is of another training: .*seed/)]);
});

test('takes the checkpoint before a damaged one, and says so', () => {
  const checkpoints = readdirSync(join(folder, 'checkpoints')).sort();
  const newest = join(folder, 'checkpoints', checkpoints.at(-1)!);
  const bytes = readFileSync(newest);
  bytes[bytes.length - 100]! ^= 4;
  writeFileSync(newest, bytes);
  const { status, stderr } = run(...training('mended', '--checkpoint', 'checkpoints', '--resume'));
  expect(status).toBe(0);
  expect(stderr).toMatch(new RegExp(`${checkpoints.at(-1)} is damaged: .*`));
  expect(weightsOf('mended')).toBe(weightsOf('unbroken'));
});

test('--weights begins with what a trained net knows', () => {
  const own = (name: string) => join(__dirname, '../models', name);
  const barely = [
    '--data',
    'synthetic',
    '--limit',
    '200',
    '--epochs',
    '1',
    '--learning-rate',
    '1e-7',
    '--augment',
    'none',
    '--json',
  ];
  const { json } = run('train', 'leNet5', '--weights', own('leNet5-mnist'), '--out', 'known', ...barely);
  // Digits that this package draws are not MNIST's, but digits.
  expect(json['testAccuracy']).toBeGreaterThan(0.5);
  expect(run('train', 'leNet5', '--out', 'drawn', ...barely).json['testAccuracy']).toBeLessThan(0.3);
  const of = (weights: string) => run('train', 'leNet5', '--weights', weights, '--out', 'other', ...barely);
  const other = of(own('cifarResNet20-fashion'));
  expect([other.status, other.stderr]).toEqual([
    1,
    expect.stringMatching(/--weights: expected conv1\/kernel \[5,5,1,6\] as in the net/),
  ]);
  const none = of('nowhere');
  expect([none.status, none.stderr]).toEqual([
    1,
    expect.stringContaining("--weights: 'nowhere' is neither a saved model nor one of"),
  ]);
});
