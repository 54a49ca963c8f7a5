/**
 * tfjs-core's own specs, as upstream ships them: on wasm-cnn all of them, on accelerated stock backends
 * those of CNNs. Whatever passes on tfjs's own cpu backend must pass here.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { testIf } from './requires.js';

const root = resolve(__dirname, '..');

interface Outcome {
  passed: string[];
  /** First message by name of the spec. */
  failed: Record<string, string>;
}

/** Suites of the kernels that accelerate() replaces. */
const CNN_SUITES =
  '^(conv1d|conv2d|conv2dTranspose|depthwiseConv2d|separableConv2d|fused|avgPool|maxPool|pool|poolBackprop|maxPoolBackprop|batchNorm[234]D|' +
  'localResponseNormalization|matmul|matmulBatch|dot|relu|relu6|leakyrelu|prelu|elu|sigmoid|tanh|softmax|logSoftmax|' +
  'softmaxCrossEntropy|dropout|pad|sum|gradients)\\b';

function run(name: string, ...options: string[]): Outcome {
  const out = join(root, 'build/upstream', `${name}.json`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'test/upstream/run.mjs'), ...options, '--out', out],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`The specs did not run to their end:\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
  return JSON.parse(readFileSync(out, 'utf8')) as Outcome;
}

/** Specs that pass on the stock backend and fail here, each with its message. */
function broken(stock: Outcome, { failed }: Outcome): Record<string, string> {
  const passes = new Set(stock.passed);
  return Object.fromEntries(Object.entries(failed).filter(([name]) => passes.has(name) || name.endsWith('(suite)')));
}

describe("tfjs-core's own specs", () => {
  let stock: Outcome;
  beforeAll(() => {
    stock = run('stock-cpu', '--backend', 'cpu');
    expect(stock.passed.length).toBeGreaterThan(0);
  }, 300_000);

  test('wasm-cnn passes all that stock cpu passes', () => {
    const ours = run('wasm-cnn', '--backend', 'wasm-cnn', '--package');
    expect(broken(stock, ours)).toEqual({});
    const ran = new Set([...ours.passed, ...Object.keys(ours.failed)]);
    // Specs about the backend named 'cpu' itself do not run elsewhere.
    expect(stock.passed.filter((name) => !ran.has(name) && !name.startsWith('Switching cpu backends'))).toEqual([]);
  }, 300_000);

  test.each(['cpu', 'wasm'])(
    'accelerated %s passes all of the CNN suites that stock cpu passes',
    (backend) => {
      const ours = run(`accelerated-${backend}`, '--backend', backend, '--package', '--accelerated', '--suites', CNN_SUITES);
      expect(ours.passed.length).toBeGreaterThan(0);
      expect(broken(stock, ours)).toEqual({});
    },
    300_000,
  );

  testIf(
    'tfjs-node',
    'accelerated tensorflow passes all of the CNN suites that stock tensorflow passes',
    () => {
      const suites = ['--backend', 'tensorflow', '--suites', CNN_SUITES];
      const stockTensorflow = run('stock-tensorflow', ...suites);
      const ours = run('accelerated-tensorflow', ...suites, '--package', '--accelerated');
      expect(stockTensorflow.passed.length).toBeGreaterThan(0);
      expect(broken(stockTensorflow, ours)).toEqual({});
      const ran = new Set([...ours.passed, ...Object.keys(ours.failed)]);
      expect(stockTensorflow.passed.filter((name) => !ran.has(name))).toEqual([]);
    },
    300_000,
  );
});
