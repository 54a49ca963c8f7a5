/** Inception blocks, Fire, network in network: joined as wired, twice as once, saved and loaded, to the bit. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { type LayersModel, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { initializers, layers, softmaxCrossEntropy } from '../src/index.js';
import { outputsOf } from './nets.js';

/** Channels in fours and few pixels: then wasm-cnn sums each channel in one piece, in whatever tensor it lies. */
const branches: layers.InceptionBranch[] = [
  [{ filters: 64, kernelSize: 1 }],
  [
    { name: 'reduce', filters: 12, kernelSize: 1 },
    { filters: 128, kernelSize: 3, padding: 1, groups: 2 },
  ],
  [
    { type: 'avg', size: 3, padding: 1, countIncludePad: false },
    {
      split: [
        { name: 'wide', filters: 64, kernelSize: [1, 3], padding: [0, 1] },
        { filters: 64, kernelSize: [3, 1], padding: [1, 0] },
      ],
    },
  ],
];

const reduction: layers.InceptionBranch[] = [
  [{ filters: 64, kernelSize: 3, strides: 2 }],
  [
    { filters: 6, kernelSize: 1 },
    { filters: 68, kernelSize: 3, strides: 2 },
  ],
  [{ type: 'max', size: 3, strides: 2 }],
];

const between: layers.InceptionBranch[] = [
  [{ filters: 5, kernelSize: 1 }],
  [{ type: 'max', size: 3, padding: 1 }],
  [{ filters: 4, kernelSize: 5, padding: 2 }],
];

const blocks: Record<string, (options: layers.ConvBlockOptions) => layers.Block> = {
  'inception, normalised': (options) =>
    layers.inceptionBlock({ branches, normalization: { momentum: 0.9, unbiasedVariance: true }, ...options }),
  'inception without gamma': (options) => layers.inceptionBlock({ branches, normalization: { scale: false }, ...options }),
  'inception, biased': (options) => layers.inceptionBlock({ branches, batchNorm: false, ...options }),
  'a pool at the end': (options) => layers.inceptionBlock({ branches: reduction, ...options }),
  'a pool at the end, biased': (options) => layers.inceptionBlock({ branches: reduction, batchNorm: false, ...options }),
  'a pool between': (options) => layers.inceptionBlock({ branches: between, ...options }),
  'a pool between, biased': (options) => layers.inceptionBlock({ branches: between, batchNorm: false, ...options }),
  fire: (options) => layers.fire({ squeeze: 4, expand1x1: 9, expand3x3: 7, ...options }),
  'network in network': (options) => layers.networkInNetwork({ filters: [7, 5, 6], kernelSize: 3, padding: 1, ...options }),
};

/** The block between two layers, with weights of its own. */
function net(make: (typeof blocks)[string], options: layers.ConvBlockOptions = {}): LayersModel {
  const kernelInitializer = initializers.heNormal({ seed: 3 });
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [7, 7, 3], filters: 6, kernelSize: 3, padding: 1, kernelInitializer }),
      make({ kernelInitializer, ...options }),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 5, kernelInitializer }),
    ],
  });
  // Values of their own: test mode takes the first write to a shared one for a leak.
  const own = model.getWeights().map((weight) => tf.tensor(weight.dataSync(), weight.shape));
  model.setWeights(own);
  tf.dispose(own);
  return model;
}

/** The block goes layer by layer, as its wiring says. */
function asWired(model: LayersModel): LayersModel {
  const [, block] = model.layers as [unknown, layers.Block];
  const { run } = layers.Block.prototype as unknown as { run: unknown };
  for (const part of block.parts) if (part instanceof layers.JoinedConvolutions) Object.assign(part, { run });
  return model;
}

/** Loss, gradients of the input and of every weight, moving statistics after a step; the outputs of inference with those. */
function step(model: LayersModel, seed = 3): Float32Array[] {
  return tf.tidy(() => {
    const x = tf.randomNormal([2, 7, 7, 3], 0, 1, 'float32', seed);
    const weights = model.trainableWeights.map((weight) => weight.read());
    const loss = () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, tf.tensor1d([0, 1])) as tf.Tensor;
    const { value, grads } = tf.engine().gradients(loss, [x, ...weights]);
    const moving = model.nonTrainableWeights.map((weight) => weight.read());
    const after = model.apply(x) as tf.Tensor;
    return [value, ...grads, ...moving, after].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

/** Which of the arrays are not the same bits. */
const differing = (found: Float32Array[], expected: Float32Array[]): number[] =>
  expected.flatMap((values, i) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).equals(
      Buffer.from(found[i]!.buffer, found[i]!.byteOffset, found[i]!.byteLength),
    )
      ? []
      : [i],
  );

describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    // Stock wasm's Identity copies: what a block saves to compute again is taken for a leak.
    tf.env().set('IS_TEST', backend !== 'wasm');
  });
  afterAll(() => tf.env().set('IS_TEST', true));

  describe.each(Object.entries(blocks))('%s', (_, make) => {
    it('gives what its wiring says, to the bit', () => {
      const [joined, wired] = [net(make), asWired(net(make))];
      for (const seed of [1, 2]) expect(differing(step(joined, seed), step(wired, seed))).toEqual([]);
    });

    it('gives the same computed twice, to the bit, and leaves nothing behind', () => {
      const [once, twice] = [net(make), net(make, { recompute: true })];
      for (const seed of [1, 2]) expect(differing(step(twice, seed), step(once, seed))).toEqual([]);
      const { numTensors, numDataBuffers } = tf.memory();
      step(once);
      step(twice);
      expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    });
  });
});

describe('on wasm-cnn', () => {
  beforeAll(() => tf.setBackend('wasm-cnn'));

  it('sums a channel in other pieces where channels are odd: joined as wired within rounding', () => {
    const odd = (options: object) => layers.reducedInception({ ...options, ...REDUCED });
    const [joined, wired] = [step(net(odd)), step(asWired(net(odd)))];
    // Of 98 addends a sum, through four sums after one another; gradients that cancel, too, are sums of such numbers.
    const largest = wired.flatMap((values) => [...values]).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const deviation = joined.flatMap((values, i) => [...values].map((value, k) => Math.abs(value - wired[i]![k]!)));
    expect(Math.max(...deviation)).toBeLessThanOrEqual(4 * 98 * 2 ** -24 * largest);
  });

  it.each(Object.entries(blocks))('%s is saved and loaded, to the bit', async (_, make) => {
    const names = { 'wide.conv': 'conv2d_7', 'branch2.1.conv': 'Conv2d_2a_3x3', squeeze: 'fire2_squeeze1x1', conv: 'conv_1' };
    const model = net(make, { names });
    step(model);
    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (saved) => {
        artifacts = saved;
        return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
      }),
    );
    // As it comes back from a file.
    const modelTopology = JSON.parse(JSON.stringify(artifacts!.modelTopology));
    const loaded = await loadLayersModel(tf.io.fromMemory({ ...artifacts!, modelTopology }));
    expect(outputsOf(loaded)).toEqual(outputsOf(model));
    expect(loaded.weights.map(({ originalName }) => originalName)).toEqual(model.weights.map(({ originalName }) => originalName));
    expect(loaded.toJSON(null, false)).toEqual(model.toJSON(null, false));
  });

  it('normalises each convolution as it is frozen or not', () => {
    const model = net(blocks['inception, normalised']!);
    const [, block] = model.layers as [unknown, layers.Block];
    const joined = block.parts.find((part) => part instanceof layers.JoinedConvolutions)!;
    const norms = joined.parts.filter((part) => part instanceof layers.BatchNormalization);
    norms[1]!.trainable = false;
    const means = () => norms.map((norm) => (norm.weights.at(-2)!.read().dataSync() as Float32Array).slice());
    const before = means();
    step(model);
    expect(means().map((mean, i) => mean.some((value, k) => value !== before[i]![k]))).toEqual([true, false, true, true]);
  });
});

const REDUCED = { conv1x1: 5, reduce3x3: 3, conv3x3: 7, reduce5x5: 2, conv5x5: 9, pool: 3 };

/** Names of a block's parts with weights, without the block's. */
const partsOf = (block: layers.Block): string[] => [
  ...new Set(block.weights.map(({ originalName }) => originalName.split('/')[0]!.replace(`${block.name}.`, ''))),
];

describe('published shapes', () => {
  beforeAll(() => tf.setBackend('wasm-cnn'));

  it.each<[string, () => layers.Block, number[], number[]]>([
    ['naive', () => layers.naiveInception({ conv1x1: 8, conv3x3: 6, conv5x5: 4 }), [28, 20, 7], [28, 20, 25]],
    ['reduced', () => layers.reducedInception(REDUCED), [28, 20, 7], [28, 20, 24]],
    ['A', () => layers.inceptionV3Block({ shape: 'A', poolFilters: 32 }), [35, 35, 192], [35, 35, 256]],
    ['B', () => layers.inceptionV3Block({ shape: 'B' }), [35, 35, 288], [17, 17, 768]],
    ['C', () => layers.inceptionV3Block({ shape: 'C', filters7x7: 128 }), [17, 17, 768], [17, 17, 768]],
    ['D', () => layers.inceptionV3Block({ shape: 'D' }), [17, 17, 768], [8, 8, 1280]],
    ['E', () => layers.inceptionV3Block({ shape: 'E' }), [8, 8, 1280], [8, 8, 2048]],
    ['A, a quarter', () => layers.inceptionV3Block({ shape: 'A', poolFilters: 32, factor: 0.25 }), [35, 35, 48], [35, 35, 64]],
    ['fire', () => layers.fire({ squeeze: 16, expand1x1: 64, expand3x3: 63 }), [9, 5, 96], [9, 5, 127]],
    ['mlpconv', () => layers.networkInNetwork({ filters: [4, 5, 6], kernelSize: [3, 1], strides: 2 }), [9, 9, 3], [4, 5, 6]],
  ])('%s', (_, make, input, output) => {
    expect(make().computeOutputShape([null, ...input])).toEqual([null, ...output]);
    expect(make().computeOutputShape([null, null, null, input[2]!])).toEqual([null, null, null, output[2]]);
  });

  it('call their parts as torchvision does', () => {
    const [reduced, fire, biased] = [
      layers.reducedInception(REDUCED),
      layers.fire({ squeeze: 1, expand1x1: 2, expand3x3: 3 }),
      layers.reducedInception({ ...REDUCED, batchNorm: false, names: { branch1: 'conv1x1' } }),
    ];
    for (const block of [reduced, fire, biased]) block.build([null, 8, 8, 4]);
    const convolutions = ['branch1', 'branch2.0', 'branch2.1', 'branch3.0', 'branch3.1', 'branch4.1'];
    expect(partsOf(reduced).sort()).toEqual(convolutions.flatMap((name) => [`${name}.bn`, `${name}.conv`]));
    expect(partsOf(fire)).toEqual(['squeeze', 'expand1x1', 'expand3x3']);
    expect(partsOf(biased).sort()).toEqual([...convolutions.slice(1), 'conv1x1']);
    expect([reduced, fire].map((block) => block.constructor)).toEqual([layers.InceptionBlock, layers.Fire]);
    expect(layers.networkInNetwork({ filters: [1, 2, 3], kernelSize: 1 })).toBeInstanceOf(layers.NetworkInNetwork);
    expect(reduced).toBeInstanceOf(layers.BasicConvBlock);
  });
});

describe('joinedConvolutions', () => {
  beforeAll(() => tf.setBackend('wasm-cnn'));

  const convolutions = [{ filters: 2, kernelSize: 1 }, null, { name: 'last', filters: 3, kernelSize: 3, padding: 1 }];

  it('takes an input for each convolution and passes on what has none', () => {
    const layer = layers.joinedConvolutions({ convolutions, name: 'join' });
    const inputs = [4, 5, 6].map((channels, i) => tf.randomNormal([1, 3, 3, channels], 0, 1, 'float32', i));
    const y = layer.apply(inputs) as tf.Tensor;
    expect(y.shape).toEqual([1, 3, 3, 10]);
    expect(tf.slice(y, [0, 0, 0, 2], [1, 3, 3, 5]).dataSync()).toEqual(inputs[1]!.dataSync());
    expect(layer.parts.map(({ name }) => name)).toEqual(
      ['conv1.conv', 'conv1.bn', 'last.conv', 'last.bn', 'join'].map((part) => `join.${part}`),
    );
    expect(layer).toBeInstanceOf(layers.JoinedConvolutions);
  });

  it('refuses what it cannot do', () => {
    expect(() => layers.joinedConvolutions({ convolutions: [null, null], name: 'join' })).toThrow(
      "CnnJoinedConvolutions 'join': convolutions must be a list of two or more, one of them a convolution at least, got [null,null]",
    );
    expect(() => layers.joinedConvolutions({ convolutions, name: 'join' }).apply(tf.zeros([1, 3, 3, 4]))).toThrow(
      "CnnJoinedConvolutions 'join': expects 3 inputs, one for each convolution, got 1",
    );
  });
});

it('blocks name what is valid where an option is wrong', () => {
  const block = (wrong: unknown) => () => layers.inceptionBlock({ name: 'mixed', branches: wrong as never });
  expect(block([[{ filters: 3, kernelSize: 1 }]])).toThrow(
    /CnnInceptionBlock 'mixed': branches must be two or more lists of steps/,
  );
  expect(block([[{ filters: 3, kernelSize: 1 }], []])).toThrow(/branches must be two or more lists of steps/);
  expect(block([[{ filters: 3, kernelSize: 1 }], [{ type: 'median', size: 3 }]])).toThrow(
    /a step must be {filters, kernelSize}, {type: 'max' or 'avg', size}, or at the end {split}, got {"type":"median","size":3}/,
  );
  expect(block([[{ split: [] }, { filters: 3, kernelSize: 1 }], [{ filters: 3, kernelSize: 1 }]])).toThrow(
    /or at the end {split}/,
  );
  expect(block([[{ filters: 0, kernelSize: 1 }], [{ filters: 3, kernelSize: 1 }]])).toThrow(
    "CnnConv2D 'mixed.branch1.conv': filters must be a positive integer, got 0",
  );
  expect(() => layers.inceptionV3Block({ shape: 'F' as never })).toThrow(
    'inceptionV3Block: shape must be one of A, B, C, D, E, got "F"',
  );
  expect(() => layers.fire({ name: 'fire', squeeze: 0, expand1x1: 1, expand3x3: 1 })).toThrow(
    "CnnFire 'fire': squeeze must be a positive integer, got 0",
  );
  expect(() => layers.networkInNetwork({ name: 'nin', filters: [1, 2] as never, kernelSize: 1 })).toThrow(
    "CnnNetworkInNetwork 'nin': filters must be three numbers: of the convolution and of the two 1x1 convolutions, got [1,2]",
  );
});
