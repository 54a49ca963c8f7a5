/**
 * Deep nets in float64, by the references: there no activation falls to the other side of relu's kink by rounding, and every
 * gradient is PyTorch's to seven digits (the golden files have nine; sums of gradients leave the backend as float32).
 */
import { readFileSync } from 'node:fs';
import * as cnn from '../src/index.js';
import { float64Tensor, useFloat64 } from '../src/inspect/certify/float64-backend.js';
import { type Deviation, fill, type GoldenNet, type Precision, stepDeviation } from './golden-nets.js';
import { describeIf, sharedPath } from './requires.js';

const float64: Precision = {
  array: (length) => new Float64Array(length),
  tensor: (values, shape) => float64Tensor(values as Float64Array, shape),
};

const BOUND = 1e-6;

/**
 * DenseNet's first gamma scales what the next batch normalisations scale back: its gradient is what cancellation leaves, and
 * the roundings of the sums before it weigh more.
 */
const CANCELLED = 1e-4;

const beyond = (deviations: readonly Deviation[], bound: number) =>
  deviations.filter(({ norm, values }) => !(norm < bound && values < bound));

describeIf('golden', 'golden nets in float64', () => {
  const golden = JSON.parse(readFileSync(sharedPath('golden/torchvision.json'), 'utf8')) as Record<string, GoldenNet>;

  beforeAll(() => useFloat64());

  it.each([
    ['resnet18', () => cnn.resNet18(), BOUND],
    ['resnext50_32x4d', () => cnn.resNeXt50_32x4d(), BOUND],
    ['densenet121', () => cnn.denseNet121(), CANCELLED],
  ] as const)(
    '%s',
    (name, build, bound) => {
      const net = golden[name]!;
      const model = build();
      fill(model, 'torch', net.gain, float64);
      const { loss, gradients, buffers } = stepDeviation(model, 'torch', net, float64);
      expect(loss).toBeLessThan(BOUND);
      expect(gradients).toHaveLength(Object.keys(net.train.gradients).length);
      expect(beyond(gradients, bound)).toEqual([]);
      expect(beyond(buffers, BOUND)).toEqual([]);
      model.dispose();
    },
    600_000,
  );
});
