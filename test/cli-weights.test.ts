/** Weights from the shell: what a file holds, in another format, and how good it is. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled, runProgram } from './command-line.js';
import { describeIf, sharedPath } from './requires.js';

describeIf('shared data', 'weights from the shell', () => {
  const checkpoint = sharedPath('pretrained/akamaster-cifar10-resnet/resnet20-12fca82f.th');
  let program: string;
  let folder: string;
  beforeAll(() => {
    program = bundled('src/cli/main.ts', 'cli-weights-test');
    folder = mkdtempSync(join(tmpdir(), 'cli-weights-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...words: string[]) => runProgram(program, folder, ...words);

  test('inspect tells format, framework, net and arrays', () => {
    const { status, stdout } = run('inspect', checkpoint);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^format +pytorch\nframework +torch\nnet +cifarResNet20 .*"classes":10.*names of akamaster\npictures .*0\.485/,
    );
    expect(stdout).toMatch(/arrays +97, 270,\d+ numbers|arrays +97, \d+,\d+ numbers/);
    expect(stdout).toMatch(/layer3\.2\.conv2\.weight +\[64,64,3,3\] +float32 +-?[\d.e-]+ +[\d.]+/);
    const { json } = run('inspect', checkpoint, '--json');
    expect(json).toMatchObject({ format: 'pytorch', framework: 'torch', net: { net: 'cifarResNet20', names: 'akamaster' } });
    const arrays = json['arrays'] as { name: string; mean: number; std: number }[];
    expect(arrays).toHaveLength(97);
    expect(arrays.every(({ mean, std }) => Number.isFinite(mean) && std >= 0)).toBe(true);
  });

  test('inspect names what is no file of weights', () => {
    const { status, stderr } = run('inspect', sharedPath('pictures/darknet/dog.jpg'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^\ntfjs-cnn: .*dog\.jpg: expected weights as .*/)]);
  });

  test('eval has as many right as PyTorch, also after conversion to other formats and back', () => {
    const data = sharedPath('cifar10');
    const { status, json } = run('eval', '--model', 'cifarResNet20', '--weights', checkpoint, '--data', data, '--json');
    expect(status).toBe(0);
    expect(json).toMatchObject({ testPictures: 500, classes: 10 });
    expect(Math.abs(Number(json['testAccuracy']) * 500 - 455)).toBeLessThanOrEqual(1);

    const steps = [
      [checkpoint, 'net.safetensors', 'torch', false],
      ['net.safetensors', 'net.h5', 'keras', true],
      ['net.h5', 'net.keras', 'keras', true],
      ['net.keras', 'net.weights.h5', 'keras', true],
      ['net.weights.h5', 'net.pth', 'torch', true],
      ['net.pth', 'model.json', 'keras', true],
    ] as const;
    for (const [from, to, framework, translated] of steps) {
      const converted = run('convert', from, to, '--json');
      expect(converted.stderr).not.toMatch(/tfjs-cnn:/);
      expect(converted.json).toMatchObject({ framework, translated, arrays: 97 });
    }
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, 'net.pth')))
      .digest('hex');
    for (const words of [
      ['--weights', 'net.pth', '--sha256', sha256],
      ['--weights', 'model.json', '--model', 'resnet20'],
    ]) {
      expect(run('eval', ...words, '--data', data, '--limit', '100', '--json').json['testAccuracy']).toBe(
        run('eval', '--weights', checkpoint, '--data', data, '--limit', '100', '--json').json['testAccuracy'],
      );
    }
  }, 300_000);

  test.each([
    [['eval', '--weights', 'none.pth', '--data', '.'], /none\.pth: expected a file/],
    [['eval', '--data', '.'], /give either model\.json or its folder, or --weights/],
    [['eval', 'a', '--weights', 'b', '--data', '.'], /give either model\.json/],
    [
      ['eval', '--model', 'resNet18', '--weights', checkpoint, '--data', '.'],
      /the weights are those of cifarResNet20 .*, not of resNet18/,
    ],
    [['eval', '--weights', checkpoint, '--sha256', '0'.repeat(64), '--data', '.'], /expected contents with the sha256 0000/],
    [['convert', checkpoint, 'net.zip'], /path must end in one of/],
  ])('%j is refused with a reason', (words, reason) => {
    const { status, stderr } = run(...words);
    expect([status, stderr]).toEqual([1, expect.stringMatching(reason)]);
  });
});
