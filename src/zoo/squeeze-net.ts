/**
 * SqueezeNets.
 * Source: Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, arXiv 1602.07360, table 1; 1.1 is
 * its authors' later version with a smaller stem and earlier pools. As torchvision has them, and as rcmalli's keras-squeezenet has
 * them, whose names are those of the authors' Caffe nets.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heUniform, smallRandom, xavierUniform } from '../initializers/index.js';
import { Activation } from '../layers/activation.js';
import { Fire } from '../layers/fire.js';
import { GlobalAveragePooling2D } from '../layers/global-pooling2d.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { Draft } from './draft.js';
import type { ScaledNetOptions } from './inception-parts.js';
import { widthScale } from './net-options.js';

/** Options of the SqueezeNets. */
export interface SqueezeNetOptions extends ScaledNetOptions {}

/** A version: its stem, and behind it pools and the channels that fire modules squeeze to. */
interface Configuration {
  readonly filters: number;
  readonly kernelSize: number;
  readonly smallest: number;
  /** Where pools leave out a last row that does not fill a window. */
  readonly smallestOfKeras: number;
  readonly modules: readonly ('pool' | number)[];
}

/** Channels of each kind of convolution that a fire module expands to, by what it squeezes to. */
const EXPANSION = 4;

/** Names of layers, by which checkpoints know them. */
interface Names {
  readonly stem: string;
  /** Of the module at that place, whose number among the fire modules is `fire`, counted from 0. */
  readonly module: (place: number, fire: number) => string;
  readonly parts?: (module: string) => Record<string, string>;
  readonly dropout: string;
  readonly classifier: string;
  readonly pool: string;
  readonly activation: string;
}

const torch: Names = {
  stem: 'features.0',
  // The stem's relu is features.1.
  module: (place) => `features.${place + 2}`,
  dropout: 'classifier.0',
  classifier: 'classifier.1',
  pool: 'classifier.3',
  activation: 'classifier.4',
};

const keras: Names = {
  stem: 'conv1',
  // What stands first is called 1: fire modules begin with 2, a pool has the number of what is before it.
  module: (_, fire) => `fire${fire + 2}`,
  parts: (module) =>
    Object.fromEntries(
      ['squeeze', 'expand1x1', 'expand3x3'].map((part) => [part, `${module}/${part === 'squeeze' ? 'squeeze1x1' : part}`]),
    ),
  dropout: 'drop9',
  classifier: 'conv10',
  pool: 'global_average_pooling2d_1',
  activation: 'loss',
};

function squeezeNet(net: string, configuration: Configuration, options: SqueezeNetOptions): LayersModel {
  const { modules, filters, kernelSize } = configuration;
  const { width = filters } = options;
  const traits = {
    net,
    variants: ['torch', 'keras'],
    inputShape: [224, 224, 3],
    smallest: options.variant === 'keras' ? configuration.smallestOfKeras : configuration.smallest,
    dropout: 0.5,
    more: ['width'],
  } as const;
  const draft = new Draft(options, traits, ({ variant }) => ({
    kernels: ({ seed }) => (variant === 'keras' ? xavierUniform({ seed }) : heUniform({ seed })),
  }));
  const isKeras = draft.options.variant === 'keras';
  const names = isKeras ? keras : torch;
  const channels = widthScale(net, width, filters);
  let x = draft.conv(draft.input, names.stem, { filters: width, kernelSize, strides: 2, activation: 'relu' });
  let fires = 0;
  modules.forEach((module, i) => {
    if (module === 'pool') {
      const name = isKeras ? `pool${fires + 1}` : names.module(i, fires);
      x = draft.through(new MaxPooling2D({ name, poolSize: 3, strides: 2, ceilMode: !isKeras }), x);
      return;
    }
    const name = names.module(i, fires++);
    const expand = channels(EXPANSION * module);
    const { kernelInitializer, recompute } = draft.blockOptions;
    const shape = { squeeze: channels(module), expand1x1: expand, expand3x3: expand };
    x = draft.through(new Fire({ name, names: names.parts?.(name), ...shape, kernelInitializer, recompute }), x);
  });
  const { includeTop, classes, classifierActivation, initializer } = draft.options;
  if (!includeTop) return draft.model(draft.head(x, names.classifier));
  x = draft.conv(draft.dropout(x, names.dropout), names.classifier, {
    filters: classes,
    kernelSize: 1,
    activation: 'relu',
    kernelInitializer: isKeras ? draft.kernelStart() : (initializer ?? smallRandom({ seed: draft.seed(), deviation: 0.01 })),
  });
  x = draft.through(new GlobalAveragePooling2D({ name: names.pool }), x);
  if (classifierActivation === 'linear') return draft.model(x);
  return draft.model(draft.through(new Activation({ name: names.activation, activation: classifierActivation }), x));
}

/**
 * SqueezeNet 1.0: 1,248,424 parameters. Logits are means of maps behind relu: 0 or more. Variants 'torch' (default) and 'keras', whose
 * pools leave out a last row that does not fill a window.
 */
export const squeezeNet1_0 = (options: SqueezeNetOptions = {}): LayersModel =>
  squeezeNet(
    'squeezeNet1_0',
    {
      filters: 96,
      kernelSize: 7,
      smallest: 21,
      smallestOfKeras: 35,
      modules: ['pool', 16, 16, 32, 'pool', 32, 48, 48, 64, 'pool', 64],
    },
    options,
  );
/** SqueezeNet 1.1: 1,235,496 parameters and 2.3 times fewer operations than 1.0. Variants as of squeezeNet1_0. */
export const squeezeNet1_1 = (options: SqueezeNetOptions = {}): LayersModel =>
  squeezeNet(
    'squeezeNet1_1',
    {
      filters: 64,
      kernelSize: 3,
      smallest: 17,
      smallestOfKeras: 31,
      modules: ['pool', 16, 16, 'pool', 32, 32, 'pool', 48, 48, 64, 64],
    },
    options,
  );
