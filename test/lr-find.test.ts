/** The learning-rate finder: what it suggests, and that it leaves no trace. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { syntheticDigits } from '../src/data/index.js';
import { layers } from '../src/index.js';
import { crossEntropy } from '../src/train/loss.js';
import { lrFind } from '../src/train/lr-find/lr-find.js';
import { suggestedRates } from '../src/train/lr-find/suggestions.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { layerStates, namedVariables } from '../src/train/trainable.js';
import { takeStep, tensorsOf } from '../src/train/training-step.js';
import { commonJsOf as mockOf } from './common-js.js';
import { changed, pictureSource } from './picture-source.js';

jest.mock('d3-scale', () => mockOf('d3-scale'));
jest.mock('d3-shape', () => mockOf('d3-shape'));

beforeAll(() => tf.setBackend('wasm-cnn'));

const digits = pictureSource(syntheticDigits({ train: 96, test: 0 }, 5).train, 16);

/** With all that a step changes besides weights: moving statistics, the place in dropout's masks. */
function net(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 5, strides: 2, inputShape: [28, 28, 1], kernelInitializer: seeded(1) }),
      layers.batchNormalization({ activation: 'relu' }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dropout({ rate: 0.2, seed: 3 }),
      layers.dense({ units: 10, kernelInitializer: seeded(2) }),
    ],
  });
}

function seeded(seed: number) {
  return { className: 'HeNormal', config: { seed } } as never;
}

/** Takes steps; gives the loss before each. */
async function train(model: LayersModel, optimizer: Sgd, steps: number, epoch = 0): Promise<number[]> {
  const losses: number[] = [];
  for await (const batch of digits.epoch(epoch)) {
    if (losses.length === steps) break;
    const inputs = tensorsOf(batch);
    const [loss, output] = takeStep({ net: model, optimizer, loss: crossEntropy() }, inputs);
    losses.push(loss.dataSync()[0]!);
    tf.dispose([...inputs, loss, output]);
  }
  return losses;
}

/** All that a checkpoint would hold, bit by bit. */
function everythingOf(model: LayersModel, optimizer: Sgd) {
  const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
  return {
    weights: namedVariables(model).map(({ variable }) => numbers(variable)),
    layers: layerStates(model),
    slots: Object.values(optimizer.slots()).map(numbers),
    learningRate: optimizer.learningRate,
    iterations: optimizer.iterations,
  };
}

describe('a sweep', () => {
  test('grows the rate from the first to the last, and finds one in between', async () => {
    const model = net();
    const optimizer = new Sgd({ learningRate: 0.01, momentum: 0.9 });
    const { learningRates, losses, suggestion, suggestions } = await lrFind(model, digits, { optimizer });
    expect(learningRates[0]).toBe(1e-7);
    // Between two steps the 99th root of 10 / 1e-7.
    learningRates.slice(1).forEach((rate, i) => expect(rate / learningRates[i]!).toBeCloseTo(10 ** (8 / 99), 9));
    // At 1e-7 nothing is learnt: the losses of the first batches are those of a fresh net.
    expect(losses[0]).toBeGreaterThan(1);
    expect(Math.min(...losses)).toBeLessThan(losses[0]! * 0.8);
    expect(suggestion).toBe(suggestions.valley);
    for (const rate of Object.values(suggestions)) {
      expect(rate).toBeGreaterThan(1e-5);
      expect(rate).toBeLessThan(1);
    }
    tf.dispose(model.weights.map((weight) => weight.read()));
    optimizer.dispose();
  });

  test('smooths by an average whose beginning is taken out', async () => {
    const model = net();
    const optimizer = new Sgd({ learningRate: 0.01 });
    // So small a rate changes no loss: the sweep sees what an untrained net gives for the same batches.
    const { losses } = await lrFind(model, digits, { optimizer, startLr: 1e-30, endLr: 1e-29, steps: 6 });
    const raw = await train(model, new Sgd({ learningRate: 0 }), 6);
    let average = 0;
    const expected = raw.map((loss, i) => {
      average = 0.98 * average + 0.02 * loss;
      return average / (1 - 0.98 ** (i + 1));
    });
    losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i]!, 12));
  });

  test('ends where the loss diverges', async () => {
    const optimizer = new Sgd({ learningRate: 0.01, momentum: 0.9 });
    const { losses, learningRates } = await lrFind(net(), digits, { optimizer, startLr: 1e-3, endLr: 1e4 });
    expect(losses.length).toBeLessThan(100);
    expect(learningRates.length).toBe(losses.length);
    const best = Math.min(...losses);
    expect(losses.slice(0, -1).every((loss) => loss <= 4 * best)).toBe(true);
  });

  test('is drawn over a logarithmic axis', async () => {
    const optimizer = new Sgd({ learningRate: 0.01 });
    const { svg, suggestion } = await lrFind(net(), digits, { optimizer, steps: 30 });
    const drawn = await svg('rates of <LeNet>');
    expect(drawn).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(drawn).toContain('rates of &lt;LeNet&gt;');
    for (const text of ['>1e-7<', '>1e-3<', '>learning rate<', '>loss<', `>valley ${suggestion.toExponential(1)}<`]) {
      expect(drawn).toContain(text);
    }
    // A line of 30 points.
    expect(/<path d="M[^"]*"/.exec(drawn)![0].match(/[ML]/g)).toHaveLength(30);
  });
});

describe('what is left behind', () => {
  test.each([
    ['a fresh net and optimizer', 0],
    ['a training that has begun', 4],
  ])('nothing, in %s', async (_, before) => {
    const [swept, twin] = [0, 1].map(() => ({ model: net(), optimizer: new Sgd({ learningRate: 0.05, momentum: 0.9 }) }));
    for (const { model, optimizer } of [swept!, twin!]) await train(model, optimizer, before);
    const expected = everythingOf(twin!.model, twin!.optimizer);
    expect(everythingOf(swept!.model, swept!.optimizer)).toEqual(expected);
    const { numTensors } = tf.memory();
    await lrFind(swept!.model, digits, { optimizer: swept!.optimizer, steps: 12, startLr: 0.01, endLr: 1 });
    const { slots, ...rest } = everythingOf(swept!.model, swept!.optimizer);
    expect(rest).toEqual({ ...expected, slots: undefined });
    // A fresh optimizer keeps its slots, as they begin.
    expect(slots).toEqual(before ? expected.slots : slots.map((slot) => slot.map(() => 0)));
    expect(tf.memory().numTensors).toBe(numTensors + (before ? 0 : slots.length));
    expect(await train(swept!.model, swept!.optimizer, 5, 1)).toEqual(await train(twin!.model, twin!.optimizer, 5, 1));
    expect(everythingOf(swept!.model, swept!.optimizer)).toEqual(everythingOf(twin!.model, twin!.optimizer));
  });

  test('nothing, where the sweep is ended', async () => {
    const model = net();
    const optimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 });
    await train(model, optimizer, 2);
    const expected = everythingOf(model, optimizer);
    const { numTensors } = tf.memory();
    const stop = new AbortController();
    let batches = 0;
    const data = changed(digits, {
      async *epoch(epoch: number) {
        for await (const batch of digits.epoch(epoch)) {
          if (++batches === 3) stop.abort(new Error('enough'));
          yield batch;
        }
      },
    });
    await expect(lrFind(model, data, { optimizer, startLr: 0.1, signal: stop.signal })).rejects.toThrow('enough');
    expect(batches).toBe(3);
    expect(everythingOf(model, optimizer)).toEqual(expected);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('suggestions', () => {
  /** Losses that fall along a sigmoid and then run off, with a ripple. */
  function sweep(count: number, ripple: number) {
    const rates = Array.from({ length: count }, (_, i) => 1e-7 * 1e8 ** (i / 99));
    const losses = rates.map((_, i) => {
      const t = i / 99;
      const fall = 1.6 / (1 + Math.exp(-20 * (t - 0.65)));
      return 2.3 - fall + (t < 0.85 ? 0 : 40 * (t - 0.85) ** 2) + ripple * Math.sin(37 * i * i);
    });
    return { learningRates: rates, losses };
  }

  // Places by fastai's own functions, on losses[10:-5]; they were run on these numbers.
  test.each([
    [100, 0, { valley: 46, steepest: 64, lowest: 85 }],
    [100, 0.02, { valley: 62, steepest: 64, lowest: 84 }],
    [100, 0.3, { valley: 72, steepest: 69, lowest: 87 }],
    [90, 0.1, { valley: 62, steepest: 69, lowest: 82 }],
  ])("are fastai's: %d steps, ripple %d", (count, ripple, { valley, steepest, lowest }) => {
    const { learningRates, losses } = sweep(count, ripple);
    expect(suggestedRates({ learningRates, losses }, 100)).toEqual({
      valley: learningRates[valley],
      steepest: learningRates[steepest],
      minimum: learningRates[lowest]! / 10,
    });
  });

  test('are made of all points where few are left', () => {
    expect(suggestedRates({ learningRates: [1, 10, 100], losses: [3, 1, 2] }, 100)).toEqual({
      valley: 1,
      steepest: 1,
      minimum: 1,
    });
  });
});

describe('misuse', () => {
  const optimizer = new Sgd({ learningRate: 0.1 });
  const find = (options: object, source = digits) => lrFind(net(), source, { optimizer, ...options });

  test.each([
    ['startLr', () => find({ startLr: 0 }), 'lrFind: startLr must be a finite number above 0, got 0'],
    ['endLr', () => find({ startLr: 1, endLr: 0.5 }), 'lrFind: endLr must be above startLr, 1, got 0.5'],
    ['steps', () => find({ steps: 1 }), 'lrFind: steps must be 2 or more, got 1'],
    ['no pictures', () => find({}, changed(digits, { count: 0 })), 'lrFind: data must be a source with pictures, got 0'],
    [
      'divergence at once',
      () => find({ startLr: 1e38, endLr: 2e38 }),
      'lrFind: startLr must be so small that two steps give a finite loss, got 1e+38',
    ],
  ])('%s', async (_, misuse, message) => {
    await expect(misuse()).rejects.toThrow(message);
  });

  test('a net that ends in softmax', async () => {
    const model = sequential({
      layers: [layers.flatten({ inputShape: [28, 28, 1] }), layers.dense({ units: 10, activation: 'softmax' })],
    });
    await expect(lrFind(model, digits, { optimizer })).rejects.toThrow(
      /lrFind: the model must give logits, but '.*' ends in softmax/,
    );
  });
});
