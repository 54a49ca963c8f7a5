import { bundled, runProgram } from './command-line.js';

let program: string;
beforeAll(() => {
  program = bundled('src/cli/main.ts', 'cli-classic-test');
});

interface Result {
  classifier: string;
  accuracy: number;
  seconds: number;
}

function run(...words: string[]) {
  const { json, ...rest } = runProgram(program, __dirname, 'classic', ...words);
  return { ...rest, json: json as { results?: Result[]; features?: number } };
}

describe('tfjs-cnn classic', () => {
  const synthetic = ['--data', 'synthetic', '--limit', '600'];

  test('compares all four on the same data', () => {
    const { status, stderr, stdout, json } = run(...synthetic, '--epochs', '8', '--json');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(json.features).toBe(784);
    expect(json.results!.map(({ classifier }) => classifier)).toEqual([
      '3 nearest (l2)',
      'linear SVM',
      'softmax regression',
      'two-layer net (100)',
    ]);
    // Ten classes: guessing reaches a tenth.
    for (const { accuracy, seconds } of json.results!) {
      expect(accuracy).toBeGreaterThan(0.5);
      expect(seconds).toBeGreaterThan(0);
    }
    expect(stderr).toContain('600 + 600 pictures of 28 x 28 x 1');
    for (const { classifier, accuracy } of json.results!) {
      expect(stderr.split('\n').find((line) => line.startsWith(classifier))).toContain(`${(100 * accuracy).toFixed(2)} %`);
    }
  });

  test('after whitening of the components that are kept; the table alone', () => {
    const { status, stdout, json } = run(
      ...synthetic,
      '--preprocessing',
      'whiten',
      '--components',
      '20',
      '--k',
      '1',
      '--hidden',
      '30',
    );
    expect(status).toBe(0);
    expect(json).toEqual({});
    expect(stdout).toContain('features 20, preprocessing whiten');
    expect(stdout).toMatch(/^1 nearest \(l2\) +\d+\.\d\d % +\d+\.\d$/m);
    expect(stdout).toMatch(/^two-layer net \(30\) /m);
  });

  test.each([
    [['--metric', 'l3'], /Allowed choices are l1, l2/],
    [['--preprocessing', 'salt'], /Allowed choices are none, mean, standardize, pca, whiten/],
    [['--k', '0'], /positive integer, found '0'/],
  ])('%j makes no sense: exit code 2', (words, message) => {
    const { status, stderr } = run(...words);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test('components that make no sense: exit code 1, with the reason', () => {
    const { status, stderr } = run(...synthetic, '--preprocessing', 'pca', '--components', '1.5');
    expect(stderr).toContain('components must be a positive integer, or a share of the variance in (0, 1), got 1.5');
    expect(status).toBe(1);
  });
});
