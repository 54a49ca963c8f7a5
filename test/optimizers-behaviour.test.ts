/** Optimizers as tf.Optimizers: in models, over many steps, saved, restored, replayed, and refusing what makes no sense. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  type AdamFamily,
  AdamW,
  type CnnOptimizer,
  createOptimizer,
  Lamb,
  Lars,
  NAdam,
  OPTIMIZERS,
  type OptimizerName,
  RAdam,
  RmsProp,
  Sgd,
} from '../src/index.js';
import { listeningToRenewals } from '../src/renewal.js';
import { uniform } from './golden-fill.js';

const names = [...OPTIMIZERS];

/** With every slot they can have. */
function full(name: OptimizerName): CnnOptimizer {
  if (name === 'sgd') return createOptimizer('sgd', { momentum: 0.9, dampening: 0.1 });
  if (name === 'rmsProp') return createOptimizer('rmsProp', { momentum: 0.9, centered: true });
  return name === 'adam' ? createOptimizer('adam', { amsgrad: true }) : createOptimizer(name);
}

function model(trainable = true): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({
        inputShape: [3],
        units: 5,
        activation: 'tanh',
        trainable,
        kernelInitializer: tfl.initializers.randomUniform({ seed: 3 }),
      }),
      tfl.layers.dense({ units: 2, kernelInitializer: tfl.initializers.randomUniform({ seed: 4 }) }),
    ],
  });
}

const weightsOf = (net: tfl.LayersModel) => net.getWeights().map((weight) => Array.from(weight.dataSync()));

const task = () => ({
  x: tf.tensor2d(Float32Array.from(uniform('x', 24)), [8, 3]),
  y: tf.tensor2d(Float32Array.from(uniform('y', 16)), [8, 2]),
});

/** Steps of x towards 3, one after the other. */
function descend(optimizer: tf.Optimizer, x: tf.Variable, steps: number): void {
  for (let i = 0; i < steps; i++) optimizer.minimize(() => tf.sum(tf.square(tf.sub(x, 3))) as tf.Scalar, false, [x]);
}

beforeAll(() => tf.setBackend('wasm-cnn'));

describe.each(names)('%s', (name) => {
  // Rates at which a thousand steps are enough; a kernel, so that ratios and decay are as they are in nets.
  const rates: Partial<Record<OptimizerName, number>> = { adagrad: 1, adadelta: 20, lars: 0.3, lamb: 0.003, sgd: 0.1 };

  it('comes to the bottom of a quadratic, and leaks nothing', () => {
    const x = tf.tensor2d(Float32Array.from(uniform('start', 10)), [2, 5]).variable();
    const optimizer = createOptimizer(name, { learningRate: rates[name] ?? 0.02, weightDecay: 0 });
    descend(optimizer, x, 10);
    const before = tf.memory().numTensors;
    descend(optimizer, x, 990);
    expect(tf.memory().numTensors).toBe(before);
    expect(optimizer.iterations).toBe(1000);
    x.dataSync().forEach((value) => expect(Math.abs(value - 3)).toBeLessThan(0.1));
    const slots = Object.keys(optimizer.slots()).length;
    const { numTensors } = tf.memory();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(numTensors - slots);
    x.dispose();
  });

  it('trains in model.fit, and goes on in a model that was saved and loaded', async () => {
    const net = model();
    const { x, y } = task();
    const optimizer = full(name);
    optimizer.setLearningRate(0.01);
    net.compile({ optimizer, loss: 'meanSquaredError' });
    const options = { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 };
    await net.fit(x, y, options);
    expect(optimizer.iterations).toBe(4);
    let saved: tf.io.ModelArtifacts | undefined;
    const written = (artifacts: tf.io.ModelArtifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } });
    };
    await net.save(tf.io.withSaveHandler(written), { includeOptimizer: true });
    // The first model is still there, so the second one's variables have other names.
    const again = await tfl.loadLayersModel(tf.io.fromMemory(saved!));
    const loaded = again.optimizer as CnnOptimizer;
    expect(loaded.getConfig()).toEqual(optimizer.getConfig());
    await net.fit(x, y, options);
    await again.fit(x, y, options);
    expect(loaded.iterations).toBe(8);
    expect(weightsOf(again)).toEqual(weightsOf(net));
    const slotsOf = (each: CnnOptimizer) => Object.values(each.slots()).map((slot) => Array.from(slot.dataSync()));
    expect(slotsOf(loaded)).toEqual(slotsOf(optimizer));
    for (const held of [net, again, optimizer, loaded]) held.dispose();
    tf.dispose([x, y]);
  });

  it('goes on from slots and state to the bit', () => {
    const path = (interrupted: boolean) => {
      const variable = tf.tensor2d(Float32Array.from(uniform('start', 8)), [2, 4]).variable();
      const bound = { 'layer/kernel': variable };
      let optimizer = full(name).bind(bound);
      descend(optimizer, variable, 3);
      if (interrupted) {
        const slots = Object.fromEntries(
          Object.entries(optimizer.slots()).map(([key, slot]) => [key, tf.tensor(slot.dataSync(), slot.shape)]),
        );
        const state = JSON.parse(JSON.stringify(optimizer.state()));
        optimizer.dispose();
        optimizer = full(name).bind(bound);
        optimizer.loadSlots(slots);
        optimizer.restore(state);
        tf.dispose(slots);
      }
      descend(optimizer, variable, 3);
      expect(Object.keys(optimizer.slots()).every((key) => key.startsWith('layer/kernel/'))).toBe(true);
      const end = Array.from(variable.dataSync());
      optimizer.dispose();
      variable.dispose();
      return end;
    };
    expect(path(true)).toEqual(path(false));
  });

  it('makes in a replay the numbers of a step that is run', () => {
    const start = () => ({ optimizer: full(name), x: tf.tensor2d([1, 2, 3, 4], [2, 2]).variable() });
    const [recorded, eager] = [start(), start()];
    /** A step; what it made, and what makes it again: undefined for what only counts. */
    const step = ({ optimizer, x }: ReturnType<typeof start>) => {
      const made: object[] = [];
      const again: (() => object | undefined)[] = [];
      const listener = {
        renewed(geometry: object, make: () => object) {
          made.push(geometry);
          again.push(make);
        },
        repeated(effect: () => void) {
          again.push(() => {
            effect();
            return undefined;
          });
        },
      };
      listeningToRenewals(listener, () => descend(optimizer, x, 1));
      return { made, again };
    };
    const { again } = step(recorded);
    step(eager);
    for (const rate of [0.5, 0.25, 0]) {
      for (const { optimizer } of [recorded, eager]) optimizer.setLearningRate(rate);
      const replayed = again.map((renew) => renew()).filter((geometry) => geometry !== undefined);
      expect(replayed).toEqual(step(eager).made);
      expect(replayed.length).toBeGreaterThan(0);
    }
    const stateOf = ({ optimizer }: typeof eager) => ({
      ...optimizer.state(),
      weights: Object.values(optimizer.state().weights),
    });
    expect(stateOf(recorded)).toEqual(stateOf(eager));
    expect(recorded.optimizer.iterations).toBe(4);
    for (const { optimizer, x } of [recorded, eager]) {
      x.dispose();
      optimizer.dispose();
    }
  });

  it('refuses rates that make no sense, and has 0', () => {
    for (const rate of [NaN, -1, Infinity]) {
      expect(() => createOptimizer(name, { learningRate: rate })).toThrow('learningRate must be a finite number, 0 or more');
    }
    const optimizer = createOptimizer(name, { learningRate: 0 });
    expect(() => optimizer.setLearningRate(NaN)).toThrow('got NaN');
    const x = tf.tensor1d([1, 2]).variable();
    descend(optimizer, x, 2);
    expect(Array.from(x.dataSync())).toEqual([1, 2]);
    optimizer.dispose();
    x.dispose();
  });
});

describe('Sgd', () => {
  const gradientsOf = (variable: tf.Variable, values: number[]) => ({ [variable.name]: tf.tensor(values, variable.shape) });

  it('has momentum that can be set, where it was made with one', () => {
    const x = tf.tensor1d([0]).variable();
    const optimizer = new Sgd({ learningRate: 1, momentum: 0.9 });
    const moved: number[] = [];
    for (const momentum of [0.9, 0.5, 0]) {
      optimizer.setMomentum(momentum);
      optimizer.applyGradients(gradientsOf(x, [-1]));
      moved.push(x.dataSync()[0]);
    }
    // Velocities 1, 0.5 + 1, 0 + 1.
    expect(moved).toEqual([1, 2.5, 3.5]);
    expect(() => optimizer.setMomentum(1)).toThrow('Sgd: momentum must be a number in [0, 1), got 1');
    expect(() => new Sgd().setMomentum(0.9)).toThrow('it was made without');
    expect(() => new RmsProp().setMomentum(0.9)).toThrow('it was made without');
    expect(() => createOptimizer('adagrad').setMomentum(0.9)).toThrow('Adagrad has no momentum that could be set');
    const adam = createOptimizer('adam') as AdamFamily;
    adam.setMomentum(0.5);
    expect(adam.getConfig()['beta1']).toBe(0.5);
    optimizer.dispose();
  });

  it('clips values after the norm, and adds penalties after both', () => {
    const x = tf.tensor2d([[2, -2, 0]]).variable();
    const optimizer = new Sgd({ learningRate: 1, clipNorm: 10, clipValue: 3, l1: 0.25, l2: 0.125 });
    optimizer.applyGradients(gradientsOf(x, [12, 16, 0]));
    // Norm 20: halved, then clipped to 3; l1 0.25 sign(x); 2 l2 x.
    const expected = [2 - 3 - 0.25 - 0.5, -2 - 3 + 0.25 + 0.5, 0];
    x.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
    expect(optimizer.gradientNorm!.dataSync()[0]).toBe(20);
    optimizer.dispose();
    expect(optimizer.gradientNorm).toBeUndefined();
  });

  it('knows the norm without clipping, by clipNorm Infinity', () => {
    const x = tf.tensor1d([0, 0]).variable();
    const optimizer = new Sgd({ learningRate: 1, clipNorm: Infinity });
    optimizer.applyGradients(gradientsOf(x, [-30, -40]));
    expect(Array.from(x.dataSync())).toEqual([30, 40]);
    expect(optimizer.gradientNorm!.dataSync()[0]).toBe(50);
    optimizer.dispose();
  });

  it('shortens what is longer than maxNorm, unit by unit', () => {
    const kernel = tf.tensor2d([[3, 0.3], [4, 0.4]]).variable(); // biome-ignore format: columns are units
    const depthwise = tf.tensor4d([3, 0.3, 4, 0.4], [2, 1, 2, 1]).variable(true, 'dw/depthwise_kernel');
    const bias = tf.tensor1d([9]).variable();
    const optimizer = new Sgd({ maxNorm: 1 });
    for (const variable of [kernel, depthwise, bias]) {
      optimizer.applyGradients(gradientsOf(variable, new Array(variable.size).fill(0)));
    }
    for (const variable of [kernel, depthwise]) {
      variable.dataSync().forEach((value, i) => expect(value).toBeCloseTo([0.6, 0.3, 0.8, 0.4][i], 6));
    }
    expect(bias.dataSync()[0]).toBe(9);
    tf.dispose([kernel, depthwise, bias]);
    optimizer.dispose();
  });

  it('passes over weights without a gradient, and begins the steps of one that comes later then', () => {
    const [a, b] = [tf.tensor1d([0]).variable(), tf.tensor1d([0]).variable()];
    const optimizer = createOptimizer('adam', { learningRate: 1 });
    optimizer.applyGradients([
      { name: a.name, tensor: tf.tensor1d([1]) },
      { name: b.name, tensor: undefined as unknown as tf.Tensor },
    ]);
    expect(b.dataSync()[0]).toBe(0);
    optimizer.applyGradients({ ...gradientsOf(a, [1]), ...gradientsOf(b, [1]) });
    // With its bias corrected, the first step of Adam is the learning rate.
    expect(b.dataSync()[0]).toBeCloseTo(-1, 5);
    expect(Object.values(optimizer.state().weights).map(({ step }) => step)).toEqual([2, 1]);
    optimizer.dispose();
  });

  it('does not move frozen layers', async () => {
    const net = model(false);
    const layers = () => net.layers.map((layer) => layer.getWeights().map((weight) => Array.from(weight.dataSync())));
    const before = layers();
    const { x, y } = task();
    net.compile({ optimizer: new Sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 }), loss: 'meanSquaredError' });
    await net.fit(x, y, { epochs: 1, verbose: 0 });
    const after = layers();
    expect(after[0]).toEqual(before[0]);
    expect(after[1]).not.toEqual(before[1]);
    net.optimizer.dispose();
    net.dispose();
    tf.dispose([x, y]);
  });
});

it('createOptimizer makes the class of the name', () => {
  const classes = { sgd: Sgd, adam: Adam, adamW: AdamW, adamax: Adamax, nadam: NAdam, radam: RAdam, rmsProp: RmsProp };
  const others = { adagrad: Adagrad, adadelta: Adadelta, lars: Lars, lamb: Lamb };
  const made = Object.entries({ ...classes, ...others }).map(([name, cls]) => [name, cls, new cls().getConfig()] as const);
  expect(made.map(([name]) => name)).toEqual(names);
  for (const [name, cls, config] of made) {
    const optimizer = createOptimizer(name as OptimizerName);
    // Not instanceof, which tfjs answers by an optimizer's methods.
    expect(optimizer.constructor).toBe(cls);
    expect(optimizer.getConfig()).toEqual(config);
  }
});

describe('errors', () => {
  it.each<[OptimizerName, object, string]>([
    ['sgd', { momentum: 1 }, 'Sgd: momentum must be a number in [0, 1), got 1'],
    ['sgd', { dampening: -1 }, 'Sgd: dampening must be a finite number, 0 or more, got -1'],
    ['sgd', { nesterov: true }, 'Sgd: momentum must be above 0 for nesterov, got 0'],
    ['sgd', { nesterov: true, momentum: 0.9, dampening: 0.1 }, 'Sgd: dampening must be 0 for nesterov, got 0.1'],
    ['sgd', { learningrate: 1 }, "Sgd: there is no option 'learningrate'; it has learningRate, weightDecay"],
    ['sgd', { weightDecay: NaN }, 'Sgd: weightDecay must be a finite number, 0 or more, got NaN'],
    ['sgd', { clipNorm: 0 }, 'Sgd: clipNorm must be a number above 0, got 0'],
    ['sgd', { clipValue: -1 }, 'Sgd: clipValue must be a number above 0, got -1'],
    ['sgd', { maxNorm: NaN }, 'Sgd: maxNorm must be a number above 0, got NaN'],
    ['sgd', { decayBiasAndNorm: 'no' }, 'Sgd: decayBiasAndNorm must be true or false, got "no"'],
    ['adam', { beta1: 1 }, 'Adam: beta1 must be a number in [0, 1), got 1'],
    ['adamW', { beta2: -0.1 }, 'AdamW: beta2 must be a number in [0, 1), got -0.1'],
    ['adamax', { epsilon: 0 }, 'Adamax: epsilon must be a finite number above 0, got 0'],
    ['adam', { amsgrad: 1 }, 'Adam: amsgrad must be true or false, got 1'],
    ['nadam', { momentumDecay: NaN }, 'NAdam: momentumDecay must be a finite number, 0 or more, got NaN'],
    ['radam', { amsgrad: true }, "RAdam: there is no option 'amsgrad'"],
    ['rmsProp', { alpha: 1.5 }, 'RmsProp: alpha must be a number in [0, 1), got 1.5'],
    ['adagrad', { initialAccumulator: -1 }, 'Adagrad: initialAccumulator must be a finite number, 0 or more, got -1'],
    ['adagrad', { lrDecay: -1 }, 'Adagrad: lrDecay must be'],
    ['adadelta', { rho: 1 }, 'Adadelta: rho must be a number in [0, 1), got 1'],
    ['lars', { trustCoefficient: 0 }, 'Lars: trustCoefficient must be a finite number above 0, got 0'],
    ['lamb', { adaptBiasAndNorm: 0 }, 'Lamb: adaptBiasAndNorm must be true or false, got 0'],
  ])('%s with %j', (name, options, message) => {
    expect(() => createOptimizer(name, options)).toThrow(message);
  });

  it('names all optimizers', () => {
    expect(() => createOptimizer('momentum' as 'sgd')).toThrow(
      'createOptimizer: name must be one of "sgd", "adam", "adamW", "adamax", "nadam", "radam", "rmsProp", "adagrad", "adadelta", "lars", ' +
        '"lamb", got "momentum"',
    );
    expect(() => createOptimizer('sgd', 0.1 as never)).toThrow('Sgd: options must be an object');
  });

  it('of gradients and slots that do not fit changes nothing', () => {
    const x = tf.tensor1d([1, 2]).variable(true, 'fit/kernel');
    const optimizer = new Sgd({ momentum: 0.9 });
    expect(() => optimizer.applyGradients({ 'fit/other': tf.zeros([2]) })).toThrow("there is no variable 'fit/other'");
    expect(() => optimizer.applyGradients({ [x.name]: tf.zeros([3]) })).toThrow('has shape [3], expected [2]');
    const slot =
      (tensor: tf.Tensor, key = 'fit/kernel/velocity') =>
      () =>
        optimizer.loadSlots({ [key]: tensor });
    expect(slot(tf.zeros([3]))).toThrow('is float32 [3], expected float32 [2]');
    expect(slot(tf.zeros([2], 'int32'))).toThrow('is int32 [2], expected float32 [2]');
    expect(slot(tf.zeros([2]), 'fit/kernel/mean')).toThrow("'fit/kernel/mean' is no slot of this optimizer; slots are velocity");
    expect(slot(tf.zeros([2]), 'gone/velocity')).toThrow("there is no variable 'gone'");
    expect(() => createOptimizer('adam').loadSlots({ 'fit/kernel/mean': tf.zeros([2]) })).toThrow("there is no slot 'square'");
    expect(optimizer.slots()).toEqual({});
    const restored = (state: unknown) => () => optimizer.restore(state as never);
    expect(restored(null)).toThrow("Sgd: the state's iterations must be an integer, 0 or more");
    expect(restored({ iterations: 1 })).toThrow("the state's weights must be an object");
    expect(restored({ iterations: 1, weights: { 'fit/kernel': { step: -1 } } })).toThrow("weights['fit/kernel'].step must be");
    const product = { step: 1, momentumProduct: 2 };
    expect(restored({ iterations: 1, weights: { 'fit/kernel': product } })).toThrow('momentumProduct must be a number in (0, 1]');
    expect(optimizer.iterations).toBe(0);
    x.dispose();
  });

  it('of weights that are no such optimizer', async () => {
    const optimizer = new Sgd();
    await expect(optimizer.setWeights([{ name: 'iter', tensor: tf.scalar(1, 'int32') }])).rejects.toThrow(
      "there is no 'state' among them",
    );
    const state = { name: 'state', tensor: tf.tensor1d(['{'], 'string') };
    await expect(optimizer.setWeights([{ name: 'iter', tensor: tf.scalar(1, 'int32') }, state])).rejects.toThrow('is no JSON');
  });
});
