/** The command that tunes a trained net, on a small folder of pictures. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encode } from 'fast-png';
import { bundled, runProgram } from './command-line.js';
import { generator } from './random.js';

let program: string;
let folder: string;
beforeAll(() => {
  program = bundled('src/cli/main.ts', 'cli-finetune-test');
  folder = mkdtempSync(join(tmpdir(), 'cli-finetune-'));
  writePictures(join(folder, 'pictures'), { train: 12, val: 6 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Grey pictures of 30 x 30 in a folder a class: dots in the upper half, or in the lower one. */
function writePictures(path: string, parts: Readonly<Record<string, number>>): void {
  const random = generator(1);
  for (const [part, count] of Object.entries(parts)) {
    for (const [half, name] of ['above', 'below'].entries()) {
      mkdirSync(join(path, part, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const data = Uint8Array.from({ length: 900 }, (_, at) => (Math.floor(at / 450) === half ? 255 * random() : 0));
        writeFileSync(join(path, part, name, `${i}.png`), encode({ width: 30, height: 30, channels: 1, data }));
      }
    }
  }
}

const run = (...words: string[]) => runProgram(program, folder, ...words);
const model = resolve(__dirname, '../models/leNet5-mnist');
const tuning = (...words: string[]) => ['finetune', '--model', model, '--data', 'pictures', '--batch-size', '8', ...words];

describe('finetune', () => {
  it('saves a net with what goes with it, which eval and predict take', () => {
    const words = tuning(
      '--epochs',
      '2',
      '--freeze',
      'fc1',
      '--learning-rate',
      '0.02',
      '--augment',
      'flip',
      '--out',
      'tuned',
      '--json',
    );
    const { status, json, stderr } = run(...words);
    expect(stderr).toMatch(/phase 1 {2}epoch 1 {2}loss .*test .*\n.*phase 2 {2}epoch 1 .*\n.*phase 2 {2}epoch 2 /);
    expect(stderr).toMatch(/actual \\ predicted +above +below/);
    expect(status).toBe(0);
    expect(json).toMatchObject({ steps: 9, backend: 'wasm-cnn', model: join('tuned', 'model.json') });
    const files = readdirSync(join(folder, 'tuned'));
    expect(files.filter((name) => !name.startsWith('weights.'))).toEqual(['card.md', 'confusion.svg', 'curve.svg', 'model.json']);
    const card = readFileSync(join(folder, 'tuned/card.md'), 'utf8');
    expect(card).toMatch(/- Phase 1, head: 1 epochs, 170 parameters learn, run forward only up to fc2/);
    expect(card).toMatch(/- Phase 2, all: 2 epochs, 58,454 parameters learn, run forward only up to flatten/);
    const confusion = json['confusion'] as number[][];
    expect(confusion.flat().reduce((sum, count) => sum + count)).toBe(12);
    expect((confusion[0]![0]! + confusion[1]![1]!) / 12).toBeCloseTo(json['testAccuracy'] as number, 9);
    expect(run('eval', 'tuned', '--data', 'pictures', '--json').json['testAccuracy']).toBe(json['testAccuracy']);
    const predicted = run('predict', 'pictures/val/above/0.png', '--model', 'tuned', '--json').json['predictions'];
    expect((predicted as { className: string }[]).map(({ className }) => className).sort()).toEqual(['above', 'below']);
  }, 120_000);

  it('finds a rate first where it is to, and goes on from checkpoints', () => {
    const words = tuning(
      '--epochs',
      '1',
      '--gradual',
      '--epochs',
      '2',
      '--lr-find',
      '--checkpoint',
      'run',
      '--out',
      'swept',
      '--json',
    );
    const { status, json, stderr } = run(...words);
    expect(stderr).toMatch(/learning rate \S+ suggested by the sweep: swept.lr-find\.svg/);
    expect(status).toBe(0);
    expect(json['learningRate']).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'swept/lr-find.svg'), 'utf8')).toMatch(/^<svg/);
    expect(readdirSync(join(folder, 'run'))).toEqual(['phase-1', 'phase-2', 'phase-3']);
    const again = run(...words);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/--checkpoint: run.phase-1 holds checkpoint-.* of an earlier training; add --resume/);
    // All is done already: the same net comes out.
    const resumed = run(...words, '--resume');
    expect(resumed.stderr).toMatch(/goes on from checkpoint-/);
    expect(resumed.json['confusion']).toEqual(json['confusion']);
    expect(resumed.json['trainLoss']).toBe(json['trainLoss']);
  }, 180_000);

  it.each<[string, string[], RegExp, number]>([
    ['no data', ['finetune', '--model', model], /--data must name the folder of your pictures/, 1],
    [
      'a net without weights',
      ['finetune', '--model', 'resNet18', '--data', 'pictures'],
      /neither a saved model nor one of leNet5-mnist.*--weights/,
      1,
    ],
    ['weights that are not there', ['finetune', '--weights', 'none.pth', '--data', 'pictures'], /none\.pth/, 1],
    ['a layer that there is not', tuning('--freeze', 'fc7'), /no layer or stage "fc7"; near ones: fc/, 1],
    ['a size of its own', tuning('--image-size', '64'), /--image-size and --channels go with --weights/, 1],
    ['rates that are none', tuning('--learning-rate', '0'), /positive number, found '0'/, 2],
    ['an augmentation that there is not', tuning('--augment', 'melt'), /--augment.* Expected none, crop/, 2],
  ])('%s: a message and an exit code', (_, words, message, code) => {
    const { status, stderr } = run(...words);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(status).toBe(code);
    expect(existsSync(join(folder, 'runs/finetune/model.json'))).toBe(false);
  });
});
