/** Layers that do the same at every training step, but for numbers that kernels are given. */
import { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { CnnLayer } from '../../layers/cnn-layer.js';
import { leavesOf } from '../../layers/leaves.js';
import type { Trainable } from '../trainable.js';

let stock: Set<unknown> | undefined;

/** tfjs's own layers that do; not those that draw random numbers, nor recurrent ones. */
function stockClasses(): Set<unknown> {
  const size = { filters: 1, kernelSize: 1 };
  stock ??= new Set(
    [
      layers.activation({ activation: 'relu' }),
      layers.add(),
      layers.average(),
      layers.averagePooling1d({}),
      layers.averagePooling2d({}),
      layers.batchNormalization(),
      layers.concatenate(),
      layers.conv1d(size),
      layers.conv2d(size),
      layers.conv2dTranspose(size),
      layers.cropping2D({ cropping: 1 }),
      layers.dense({ units: 1 }),
      layers.depthwiseConv2d({ kernelSize: 1 }),
      layers.elu(),
      layers.flatten(),
      layers.globalAveragePooling1d({}),
      layers.globalAveragePooling2d({}),
      layers.globalMaxPooling1d({}),
      layers.globalMaxPooling2d({}),
      layers.inputLayer({ inputShape: [1] }),
      layers.layerNormalization(),
      layers.leakyReLU(),
      layers.maxPooling1d({}),
      layers.maxPooling2d({}),
      layers.maximum(),
      layers.minimum(),
      layers.multiply(),
      layers.permute({ dims: [1] }),
      layers.prelu(),
      layers.reLU(),
      layers.repeatVector({ n: 1 }),
      layers.reshape({ targetShape: [1] }),
      layers.separableConv2d(size),
      layers.softmax(),
      layers.thresholdedReLU(),
      layers.upSampling2d({}),
      layers.zeroPadding2d({}),
    ].map((layer) => layer.constructor),
  );
  return stock;
}

/** Why a net's steps may differ from each other; undefined where all its layers are known not to. */
export function unknownIn(net: Trainable): string | undefined {
  if (!(net instanceof LayersModel))
    return 'what a function computes may differ from step to step; a model of layers is known not to';
  const unknown = leavesOf(net).find((layer) =>
    layer instanceof CnnLayer ? !layer.repeatable : !stockClasses().has(layer.constructor),
  );
  return unknown && `layer '${unknown.name}' (${unknown.getClassName()}) is not known to give the same kernels at each step`;
}
