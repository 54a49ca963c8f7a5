/** Which layers mean the same in a larger picture, and how they get there. */
import { reshape, type serialization, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { layers as tfLayers } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { CnnLayer, type Config, shapeText, sizeOf } from '../layers/cnn-layer.js';

/** How much a layer looks at for one of its outputs: one value, or all channels of one place or of several neighbours. */
export type Sight = 'value' | 'channels';

const VALUES = new Set([
  ...['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU'],
  ...['Dropout', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
  ...['Add', 'AddRelu', 'Average', 'Maximum', 'Minimum', 'Multiply'],
]);

/** Of tfjs-layers' own; ours all are but the one whose filters differ from place to place. */
const CHANNELS = new Set([
  ...['BatchNormalization', 'LayerNormalization', 'Softmax', 'Concatenate', 'Dense', 'SpatialDropout2D'],
  ...['Conv2D', 'Conv2DTranspose', 'DepthwiseConv2D', 'SeparableConv2D', 'MaxPooling2D', 'AveragePooling2D'],
  ...['UpSampling2D', 'ZeroPadding2D', 'Cropping2D'],
]);

/** The class of a layer, whether ours or tfjs-layers'. */
export function kindOf(layer: tfLayers.Layer): string {
  return layer.getClassName().replace(/^Cnn/, '');
}

/** What a layer looks at that does the same at every place; undefined where it does not, or nobody knows. */
export function sightOf(layer: tfLayers.Layer): Sight | undefined {
  const kind = kindOf(layer);
  if (kind === 'Activation') return /softmax/i.test(String(layer.getConfig()['activation'])) ? 'channels' : 'value';
  if (VALUES.has(kind)) return 'value';
  if (layer instanceof CnnLayer) return kind === 'LocallyConnected2D' ? undefined : 'channels';
  return CHANNELS.has(kind) ? 'channels' : undefined;
}

/** The same layer again, not built yet. */
export function another(layer: tfLayers.Layer, change: Config = {}): tfLayers.Layer {
  const cls = layer.constructor as serialization.SerializableConstructor<tfLayers.Layer>;
  return cls.fromConfig(cls, { ...configOf(layer), ...change });
}

/** A layer's options, without the shape of what it was first built on. */
export function configOf(layer: tfLayers.Layer): Config {
  const { batchInputShape: _, ...config } = layer.getConfig();
  return config;
}

/**
 * Gives a layer the weights of another one, by name. Nothing is copied: the memory is shared until either one's is written.
 *
 * @param kernelOf what a dense layer's kernel becomes; default: itself, in the new layer's shape
 */
export function takeWeights(to: tfLayers.Layer, from: tfLayers.Layer, kernelOf?: (kernel: Tensor) => Tensor): void {
  const targets = new Map(to.weights.map((weight) => [weight.originalName, weight]));
  for (const weight of from.weights) {
    const target = targets.get(weight.originalName);
    if (!target) refuse(from, `has a weight '${weight.originalName}' that it would not have on a picture of another size`);
    tidy(() => {
      const value = kernelOf && weight.originalName.endsWith('kernel') ? kernelOf(weight.read()) : weight.read();
      const shape = target.shape as number[];
      if (value.size !== sizeOf(shape)) {
        refuse(from, `has weights ${shapeText(value.shape)}, which do not fit inputShape: it needs ${sizeOf(shape)} numbers`);
      }
      target.write(reshape(value, shape));
    });
  }
}

/** @throws ArgumentError */
export function refuse(layer: tfLayers.Layer, why: string): never {
  throw new ArgumentError(`toFullyConvolutional: ${layer.getClassName()} '${layer.name}' ${why}`);
}
