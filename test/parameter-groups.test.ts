/** Which weights are moved how: groups by name and depth, and who decays. */
import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer, type LayerSelector, leNet5, type OptimizerName, type ParameterGroup, Sgd } from '../src/index.js';
import { selects } from '../src/train/optimizers/parameter-groups.js';

beforeAll(() => tf.setBackend('cpu'));

/** A variable of ones, or of 0 where its rank is not said. */
const ones = (name: string, shape: number[]) => tf.ones(shape).variable(true, name);

describe('a selector', () => {
  const name = 'layer1.0/layer1.0.conv1/kernel';
  it.each<[LayerSelector, boolean]>([
    ['layer1.0/layer1.0.conv1/kernel', true],
    ['layer1.0', true],
    ['layer1', true],
    ['layer1.0.conv1', true],
    ['layer', false],
    ['conv1', false],
    ['kernel', false],
    ['layer1.1', false],
    [['fc', 'layer1'], true],
    [['fc'], false],
    [/conv\d/, true],
    [/^conv/, false],
    [/conv/g, true],
    [(_: string, depth: number) => depth === 4, true],
    [(weight: string) => weight === 'fc', false],
  ])('%p', (layers, expected) => {
    // Twice: a global expression goes on where it stopped.
    for (let i = 0; i < 2; i++) expect(selects(layers, { name, depth: 4, rank: 4 })).toBe(expected);
  });
});

it('the first group that has a weight decides; what it does not say is as the optimizer has it', () => {
  const [slow, frozen, plain] = [ones('a/kernel', [1, 1]), ones('b/kernel', [1, 1]), ones('c/kernel', [1, 1])];
  const groups: ParameterGroup[] = [
    { layers: 'a', learningRateScale: 0.5 },
    { layers: ['a', 'b'], learningRateScale: 0, weightDecay: 9 },
    { layers: /c/, weightDecay: 0.5 },
  ];
  const optimizer = new Sgd({ learningRate: 1, weightDecay: 0.25, groups });
  const gradient = tf.ones([1, 1]);
  optimizer.applyGradients(Object.fromEntries([slow, frozen, plain].map(({ name }) => [name, gradient])));
  // 1 - 0.5 (1 + 0.25); as it was; 1 - (1 + 0.5).
  expect([slow, frozen, plain].map((weight) => weight.dataSync()[0])).toEqual([0.375, 1, -0.5]);
  tf.dispose([slow, frozen, plain, gradient]);
});

describe('decay of biases and normalisations', () => {
  /** What is left of 1 after a step without a gradient: kernel, bias. */
  const left = (name: OptimizerName, options: object) => {
    const weights = [ones('kernel', [1, 1]), ones('bias', [1])];
    const optimizer = createOptimizer(name, { learningRate: 0.5, weightDecay: 0.5, ...options });
    optimizer.applyGradients(Object.fromEntries(weights.map((weight) => [weight.name, tf.zeros(weight.shape)])));
    const values = weights.map((weight) => weight.dataSync()[0] < 1);
    optimizer.dispose();
    tf.dispose(weights);
    return values;
  };
  it.each<[OptimizerName, object, boolean[]]>([
    ['sgd', {}, [true, true]],
    ['adam', {}, [true, true]],
    ['adamW', {}, [true, false]],
    ['lars', {}, [true, false]],
    ['lamb', {}, [true, false]],
    ['sgd', { decayBiasAndNorm: false }, [true, false]],
    ['adamW', { decayBiasAndNorm: true }, [true, true]],
    ['adamW', { groups: [{ layers: /bias/, decayBiasAndNorm: true }] }, [true, true]],
    ['adamW', { weightDecay: 0, groups: [{ layers: /kernel/, weightDecay: 0.1 }] }, [true, false]],
    // Penalties are of kernels alone.
    ['sgd', { weightDecay: 0, l1: 0.1 }, [true, false]],
    ['sgd', { weightDecay: 0, groups: [{ layers: /./, l2: 0.1 }] }, [true, false]],
  ])('%s with %j', (name, options, expected) => expect(left(name, options)).toEqual(expected));
});

it('a bound model tells names and depths, whatever else is in the process', async () => {
  const build = () => leNet5({ seed: 1 });
  const [first, second] = [build(), build()];
  const seen = new Map<string, number>();
  const watch = (name: string, depth: number) => {
    seen.set(name, depth);
    return false;
  };
  const optimizer = new Sgd({ momentum: 0.9, groups: [{ layers: watch }] }).bind(second);
  for (const weight of second.trainableWeights) {
    const variable = weight.read() as tf.Variable;
    optimizer.applyGradients({ [variable.name]: tf.zerosLike(variable) });
  }
  expect([...seen.keys()]).toEqual(second.trainableWeights.map(({ originalName }) => originalName));
  const layers = new Set(second.weights.map(({ originalName }) => originalName.slice(0, originalName.lastIndexOf('/'))));
  expect(seen.get('conv1/kernel')).toBe(0);
  expect(seen.get('fc3/bias')).toBe(layers.size - 1);
  expect(Object.keys(optimizer.slots())[0]).toBe('conv1/kernel/velocity');
  expect(() => optimizer.bind(first)).toThrow("Sgd: two weights are called 'conv1/kernel'; bind one model only");
  // Of a model that is gone, a next one may have the names.
  second.dispose();
  expect(() => optimizer.bind(first)).not.toThrow();
  optimizer.dispose();
  first.dispose();
});

describe('configurations', () => {
  const groups: ParameterGroup[] = [
    { layers: /my_layer\/Kernel$/i, weightDecay: 0.1 },
    { layers: ['layer_1', 'b'], learningRateScale: 2 },
  ];
  it('keep groups through the names that tfjs-layers rewrites', () => {
    const optimizer = new Sgd({ groups, clipNorm: 2 });
    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    expect(JSON.stringify(config)).not.toContain('_');
    const again = Sgd.fromConfig(Sgd as tf.serialization.SerializableConstructor<Sgd>, config);
    expect(again.getConfig()).toEqual(optimizer.getConfig());
    const [kernel, other] = [ones('My_Layer/kernel', [1, 1]), ones('layer_1/kernel', [1, 1])];
    again.setLearningRate(1);
    again.applyGradients({ [kernel.name]: tf.zeros([1, 1]), [other.name]: tf.ones([1, 1]) });
    expect([kernel, other].map((weight) => weight.dataSync()[0])).toEqual([expect.closeTo(0.9), -1]);
    tf.dispose([kernel, other]);
  });

  it('cannot keep functions', () => {
    const optimizer = new Sgd({ groups: [{ layers: () => true }] });
    expect(() => optimizer.getConfig()).toThrow(
      'Sgd: groups[0] is chosen by a function, which cannot be saved; use names or an expression',
    );
  });
});

it.each<[unknown, string]>([
  [{}, 'Sgd: groups must be a list of { layers, learningRateScale, weightDecay, ... }, got {}'],
  [[null], 'Sgd: groups[0] must be { layers, learningRateScale, weightDecay, ... }, got null'],
  [
    [{ layers: 'a' }, { layer: 'b' }],
    "Sgd: groups[1]: there is no option 'layer'; it has layers, learningRateScale, weightDecay",
  ],
  [
    [{ layers: 7 }],
    'Sgd: groups[0]: layers must be a name, names, a regular expression or a function (name, depth) => boolean, got 7',
  ],
  [[{ layers: [] }], 'Sgd: groups[0]: layers must be a name'],
  [[{ layers: 'a', learningRateScale: -1 }], 'Sgd: groups[0]: learningRateScale must be a finite number, 0 or more, got -1'],
  [[{ layers: 'a', weightDecay: NaN }], 'Sgd: groups[0]: weightDecay must be a finite number, 0 or more, got NaN'],
  [[{ layers: 'a', maxNorm: 0 }], 'Sgd: groups[0]: maxNorm must be a number above 0, got 0'],
])('groups %j are refused', (groups, message) => {
  expect(() => new Sgd({ groups: groups as ParameterGroup[] })).toThrow(message);
});
