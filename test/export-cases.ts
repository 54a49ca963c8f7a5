/** Nets that are exported: what they give here, and what the other framework gives, picture by picture. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { denseNet, getModel, layers, softmaxCrossEntropy } from '../src/index.js';
import { fill } from './golden-nets.js';
import { smallNets } from './small-nets.js';

const small = { classes: 5, inputShape: [32, 32, 3], classifierActivation: 'linear', seed: 1 } as const;

/** What the catalogue's rows leave out: auxiliary heads, other variants, layers that no net has. */
const others: Readonly<Record<string, () => tfl.LayersModel>> = {
  'googLeNet with heads': () => getModel('googLeNet', { ...small, width: 8, auxiliary: true }),
  'googLeNet paper': () => getModel('googLeNet', { ...small, width: 8, variant: 'paper' }),
  'leNet5 1998': () => getModel('leNet5', { seed: 1, variant: '1998' }),
  'alexNet paper': () => getModel('alexNet', { ...small, inputShape: [227, 227, 3], width: 6, variant: 'paper' }),
  'vgg16 keras': () => getModel('vgg16', { ...small, inputShape: [224, 224, 3], width: 2, variant: 'keras' }),
  'inceptionV3 keras': () => getModel('inceptionV3', { ...small, inputShape: [75, 75, 3], width: 4, variant: 'keras' }),
  'resNet50 keras': () => getModel('resNet50', { ...small, width: 4, variant: 'keras' }),
  'resNet50V2 paper': () => getModel('resNet50V2', { ...small, width: 4, variant: 'paper' }),
  'mobileNetV2 keras, softmax': () =>
    getModel('mobileNetV2', { ...small, alpha: 0.1, variant: 'keras', classifierActivation: 'softmax' }),
  'denseNet keras': () => denseNet({ ...small, growthRate: 2, blocks: [2, 2, 2, 2], variant: 'keras' }),
  'resNet18 without top': () => getModel('resNet18', { seed: 1, inputShape: [33, 47, 3], width: 4, includeTop: false }),
  'every layer': everyLayer,
  'vectors in both orders': bothOrders,
  'stock layers': stockLayers,
};

/** All nets. */
export const exportedNets: Readonly<Record<string, () => tfl.LayersModel>> = { ...smallNets, ...others };

/** Layers and options that the zoo's nets do without. */
function everyLayer(): tfl.LayersModel {
  const input = tfl.input({ shape: [13, 18, 4] });
  const through = (layer: tfl.layers.Layer, x: tfl.SymbolicTensor | tfl.SymbolicTensor[]) => layer.apply(x) as tfl.SymbolicTensor;
  let x = through(
    layers.conv2d({
      filters: 8,
      kernelSize: [3, 2],
      padding: { top: 2, bottom: 0, left: 1, right: 3 },
      groups: 2,
      activation: 'elu',
    }),
    input,
  );
  const activations = ['gelu', 'geluTanh', 'silu', 'mish', 'hardSwish', 'hardSigmoid', 'softplus', 'selu', 'scaledTanh'] as const;
  const branches = activations.map((activation) => through(layers.activation({ activation }), x));
  x = through(layers.concatChannels(), [...branches, through(layers.activation({ activation: 'leakyRelu', alpha: 0.2 }), x)]);
  x = through(layers.localResponseNormalization({ size: 4, alpha: 0.3, beta: 0.6, k: 1.5 }), x);
  x = through(layers.localResponseNormalization({ depthRadius: 1, alpha: 0.2 }), x);
  x = through(layers.maxout({ pieces: 5 }), x);
  x = through(layers.convTranspose2d({ filters: 6, kernelSize: 3, strides: 2, padding: 1, outputPadding: 1, groups: 2 }), x);
  x = through(
    layers.convTranspose2d({ filters: 5, kernelSize: [4, 3], strides: [3, 2], padding: 'same', activation: 'tanh' }),
    x,
  );
  x = through(layers.l2Pooling2d({ poolSize: 3, strides: 2, padding: 1, ceilMode: true }), x);
  x = through(layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 1, ceilMode: true }), x);
  x = through(layers.averagePooling2d({ poolSize: [2, 3], strides: 2, padding: 'same' }), x);
  x = through(layers.upSampling2d({ size: 2, interpolation: 'bilinear' }), x);
  x = through(layers.upSampling2d({ size: [1, 2], interpolation: 'bilinear', alignCorners: true }), x);
  x = through(layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, dilationRate: 2, padding: 'same', strides: 2 }), x);
  x = through(layers.batchNormalization({ scale: false, activation: 'relu6' }), x);
  x = through(
    layers.maxPooling2d({ poolSize: 2, strides: 1, dilationRate: 2, padding: { top: 1, bottom: 0, left: 0, right: 1 } }),
    x,
  );
  x = through(layers.upSampling2d({ size: [2, 1] }), x);
  x = through(layers.conv2d({ filters: 7, kernelSize: 3, strides: 2, padding: 'same', activation: 'sigmoid' }), x);
  const largest = through(layers.adaptiveMaxPooling2d({ outputSize: [4, 3] }), x);
  const means = through(layers.adaptiveAveragePooling2d({ outputSize: [4, 3] }), x);
  x = through(layers.add(), [largest, means]);
  x = through(layers.zeroPadding2d({ padding: { top: 1, bottom: 0, left: 2, right: 1 } }), x);
  const kept = through(layers.globalMaxPooling2d({ keepDims: true }), x);
  const flat = through(layers.flatten(), kept);
  const scores = through(layers.dense({ units: 6, activation: 'logSoftmax' }), flat);
  return tfl.model({ inputs: input, outputs: [scores, x] });
}

/** A flattened map that a dense layer, a normalisation and the caller see. */
function bothOrders(): tfl.LayersModel {
  const input = tfl.input({ shape: [5, 4, 3] });
  const flat = layers.flatten().apply(input) as tfl.SymbolicTensor;
  const normalized = layers.batchNormalization().apply(flat) as tfl.SymbolicTensor;
  const direct = layers.dense({ units: 4, useBias: false }).apply(flat) as tfl.SymbolicTensor;
  const again = layers.flatten().apply(input) as tfl.SymbolicTensor;
  const dropped = layers
    .dropout({ rate: 0.5 })
    .apply(layers.activation({ activation: 'tanh' }).apply(again)) as tfl.SymbolicTensor;
  const alone = layers.dense({ units: 4 }).apply(dropped) as tfl.SymbolicTensor;
  return tfl.model({ inputs: input, outputs: [layers.add().apply([direct, alone]) as tfl.SymbolicTensor, normalized] });
}

/** tfjs-layers' own. */
function stockLayers(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ inputShape: [16, 15, 3], filters: 8, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      tfl.layers.batchNormalization(),
      tfl.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
      tfl.layers.leakyReLU(),
      tfl.layers.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
      tfl.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      tfl.layers.upSampling2d({}),
      tfl.layers.conv2dTranspose({ filters: 6, kernelSize: 3, strides: 2, padding: 'same' }),
      tfl.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      tfl.layers.reLU({ maxValue: 6 }),
      tfl.layers.dropout({ rate: 0.2 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 9, activation: 'selu' }),
      tfl.layers.dense({ units: 5 }),
      tfl.layers.softmax(),
    ],
  });
}

/** A net in which every kind of weight is trained, without kinks that rounding could tip over, and without dropout. */
export function trainedNet(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      layers.conv2d({
        name: 'stem',
        inputShape: [10, 9, 3],
        filters: 8,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
      }),
      layers.batchNormalization({ name: 'norm1', momentum: 0.9 }),
      layers.activation({ name: 'act1', activation: 'elu' }),
      layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 1, activation: 'tanh' }),
      layers.conv2d({ name: 'grouped', filters: 6, kernelSize: 3, groups: 2, padding: 'same', useBias: false }),
      layers.batchNormalization({ name: 'norm2', momentum: 0.8, unbiasedVariance: true, epsilon: 1e-5 }),
      layers.averagePooling2d({ name: 'pool', poolSize: 2, strides: 2, padding: 'same' }),
      layers.convTranspose2d({ name: 'wider', filters: 4, kernelSize: 3, strides: 2, activation: 'sigmoid' }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'hidden', units: 7, activation: 'tanh' }),
      layers.batchNormalization({ name: 'norm3', scale: false }),
      layers.dense({ name: 'fc', units: 5 }),
    ],
  });
}

/** Rate of the step that trainedNet takes. */
export const STEP_RATE = 0.5;

/** Takes one step of gradient descent on the pictures, whose classes are 0, 1, 2. */
export function step(model: tfl.LayersModel, { pictures, shape }: Pick<Exported, 'pictures' | 'shape'>): void {
  tf.tidy(() => {
    const x = tf.tensor(pictures, [...shape]);
    const loss = () =>
      softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, tf.tensor1d([0, 1, 2])) as tf.Scalar;
    const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    tf.train.sgd(STEP_RATE).minimize(loss, false, weights);
  });
}

/** A net with weights and moving statistics that matter, its pictures, and what it gives for them. */
export interface Exported {
  readonly model: tfl.LayersModel;
  readonly pictures: Float32Array;
  /** [batch, height, width, channels]. */
  readonly shape: readonly number[];
  readonly outputs: readonly Float32Array[];
}

/** Makes a net and runs it on three pictures. */
export function exported(build: () => tfl.LayersModel): Exported {
  const model = build();
  fill(model, 'torch', 3);
  const shape = [3, ...(model.inputs[0]!.shape.slice(1) as number[])];
  const x = tf.randomNormal(shape, 0, 1, 'float32', 5);
  const ys = [model.predict(x)].flat();
  const outputs = ys.map((y) => y.dataSync() as Float32Array);
  const pictures = x.dataSync() as Float32Array;
  tf.dispose([x, ys]);
  return { model, pictures, shape, outputs };
}

/**
 * Largest difference, as a part of what the outputs differ among themselves: between 0 and 1 it is rounding, 1 another net. Sums of up
 * to some thousand products, one behind the other in up to a hundred layers, differ by rounding: n 2^-24 of their magnitudes each at
 * most, its root on average, and what they come to stays below {@link ROUNDING}.
 */
export function differenceOf(found: ArrayLike<number>, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity;
  let [least, most, difference] = [Infinity, -Infinity, 0];
  expected.forEach((value, i) => {
    least = Math.min(least, value);
    most = Math.max(most, value);
    // NaN counts as much as can be.
    difference = Math.max(difference, Number.isFinite(found[i]!) ? Math.abs(found[i]! - value) : Infinity);
  });
  return difference / (most - least);
}

/** What rounding may come to. */
export const ROUNDING = 1e-4;
