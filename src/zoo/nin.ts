/**
 * Network in network: convolutions whose filters are small nets, and means of maps instead of dense layers.
 * Source: Lin, Chen, Yan: Network in network, arXiv 1312.4400; sizes and names are those of the authors' Caffe models.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { smallRandom } from '../initializers/index.js';
import { Activation } from '../layers/activation.js';
import { AveragePooling2D } from '../layers/average-pooling2d.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { NetworkInNetwork } from '../layers/network-in-network.js';
import { Draft } from './draft.js';
import type { ScaledNetOptions } from './inception-parts.js';
import { widthScale } from './net-options.js';

/** Options of the networks in networks. */
export interface NinOptions extends ScaledNetOptions {}

/** One mlpconv layer: its first convolution, the channels of all three, and the pool behind it, if there is one. */
interface Module {
  readonly names: readonly [string, string, string];
  readonly filters: readonly [number, number, number];
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding?: number;
  readonly pool?: 'max' | 'avg';
  /** Dropout behind the pool. */
  readonly dropout?: boolean;
}

interface Configuration {
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly smallest: number;
  /** The last one's last convolution gives the classes. */
  readonly modules: readonly Module[];
}

const CIFAR: Configuration = {
  inputShape: [32, 32, 3],
  classes: 10,
  smallest: 4,
  modules: [
    { names: ['conv1', 'cccp1', 'cccp2'], filters: [192, 160, 96], kernelSize: 5, padding: 2, pool: 'max', dropout: true },
    { names: ['conv2', 'cccp3', 'cccp4'], filters: [192, 192, 192], kernelSize: 5, padding: 2, pool: 'avg', dropout: true },
    { names: ['conv3', 'cccp5', 'cccp6'], filters: [192, 192, 10], kernelSize: 3, padding: 1 },
  ],
};

const IMAGENET: Configuration = {
  inputShape: [224, 224, 3],
  classes: 1000,
  smallest: 39,
  modules: [
    { names: ['conv1', 'cccp1', 'cccp2'], filters: [96, 96, 96], kernelSize: 11, strides: 4, pool: 'max' },
    { names: ['conv2', 'cccp3', 'cccp4'], filters: [256, 256, 256], kernelSize: 5, padding: 2, pool: 'max' },
    { names: ['conv3', 'cccp5', 'cccp6'], filters: [384, 384, 384], kernelSize: 3, padding: 1, pool: 'max', dropout: true },
    { names: ['conv4-1024', 'cccp7-1024', 'cccp8-1024'], filters: [1024, 1024, 1000], kernelSize: 3, padding: 1 },
  ],
};

function networkInNetwork(net: string, { modules, ...traits }: Configuration, options: NinOptions): LayersModel {
  const draft = new Draft(options, { net, variants: ['paper'], dropout: 0.5, more: ['width'], ...traits }, () => ({
    kernels: ({ seed }) => smallRandom({ seed, deviation: 0.05 }),
  }));
  const [usual] = modules[0]!.filters;
  const channels = widthScale(net, options.width ?? usual, usual);
  const { includeTop, classes, classifierActivation } = draft.options;
  let x = draft.input;
  modules.slice(0, includeTop ? undefined : -1).forEach(({ names, filters, kernelSize, strides, padding, pool, dropout }, i) => {
    const [first, second, third] = filters.map(channels) as [number, number, number];
    const [conv, cccp1, cccp2] = names;
    const { kernelInitializer, recompute } = draft.blockOptions;
    const block = new NetworkInNetwork({
      name: `mlpconv${i + 1}`,
      names: { conv, cccp1, cccp2 },
      filters: [first, second, i === modules.length - 1 ? classes : third],
      ...{ kernelSize, strides, padding, kernelInitializer, recompute },
    });
    x = draft.through(block, x);
    const pooling = { name: `pool${i + 1}`, poolSize: 3, strides: 2, ceilMode: true };
    if (pool) x = draft.through(pool === 'max' ? new MaxPooling2D(pooling) : new AveragePooling2D(pooling), x);
    if (dropout) x = draft.dropout(x, `drop${i + 1}`);
  });
  if (!includeTop) return draft.model(draft.head(x, 'classifier'));
  x = draft.through(new GlobalAveragePooling2D({ name: `pool${modules.length}` }), x);
  if (classifierActivation === 'linear') return draft.model(x);
  return draft.model(draft.through(new Activation({ name: 'prob', activation: classifierActivation }), x));
}

/** The net for CIFAR-10: 966,986 parameters; dropout 0.5 behind its pools. Logits are means of maps behind relu: 0 or more. */
export const nin = (options: NinOptions = {}): LayersModel => networkInNetwork('nin', CIFAR, options);
/** The authors' net for ImageNet: 7,595,176 parameters. */
export const ninImageNet = (options: NinOptions = {}): LayersModel => networkInNetwork('ninImageNet', IMAGENET, options);
