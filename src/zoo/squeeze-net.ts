/**
 * SqueezeNets.
 * Source: Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, arXiv 1602.07360, table 1; 1.1 is
 * its authors' later version with a smaller stem and earlier pools. As torchvision has them.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { heUniform, smallRandom } from '../initializers/index.js';
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
  readonly modules: readonly ('pool' | number)[];
}

/** Channels of each kind of convolution that a fire module expands to, by what it squeezes to. */
const EXPANSION = 4;

function squeezeNet(net: string, configuration: Configuration, options: SqueezeNetOptions): LayersModel {
  const { smallest, modules, filters, kernelSize } = configuration;
  const { width = filters } = options;
  const traits = { net, variants: ['torch'], inputShape: [224, 224, 3], smallest, dropout: 0.5, more: ['width'] } as const;
  const draft = new Draft(options, traits, () => ({ kernels: ({ seed }) => heUniform({ seed }) }));
  const channels = widthScale(net, width, filters);
  let x = draft.conv(draft.input, 'features.0', { filters: width, kernelSize, strides: 2, activation: 'relu' });
  modules.forEach((module, i) => {
    // The stem's relu is features.1.
    const name = `features.${i + 2}`;
    if (module === 'pool') {
      x = draft.through(new MaxPooling2D({ name, poolSize: 3, strides: 2, ceilMode: true }), x);
      return;
    }
    const expand = channels(EXPANSION * module);
    const { kernelInitializer, recompute } = draft.blockOptions;
    x = draft.through(
      new Fire({ name, squeeze: channels(module), expand1x1: expand, expand3x3: expand, kernelInitializer, recompute }),
      x,
    );
  });
  const { includeTop, classes, classifierActivation, initializer } = draft.options;
  if (!includeTop) return draft.model(draft.head(x, 'classifier'));
  x = draft.conv(draft.dropout(x, 'classifier.0'), 'classifier.1', {
    filters: classes,
    kernelSize: 1,
    activation: 'relu',
    kernelInitializer: initializer ?? smallRandom({ seed: draft.seed(), deviation: 0.01 }),
  });
  x = draft.through(new GlobalAveragePooling2D({ name: 'classifier.3' }), x);
  if (classifierActivation === 'linear') return draft.model(x);
  return draft.model(draft.through(new Activation({ name: 'classifier.4', activation: classifierActivation }), x));
}

/** SqueezeNet 1.0: 1,248,424 parameters. Logits are means of maps behind relu: 0 or more. */
export const squeezeNet1_0 = (options: SqueezeNetOptions = {}): LayersModel =>
  squeezeNet(
    'squeezeNet1_0',
    { filters: 96, kernelSize: 7, smallest: 21, modules: ['pool', 16, 16, 32, 'pool', 32, 48, 48, 64, 'pool', 64] },
    options,
  );
/** SqueezeNet 1.1: 1,235,496 parameters and 2.3 times fewer operations than 1.0. */
export const squeezeNet1_1 = (options: SqueezeNetOptions = {}): LayersModel =>
  squeezeNet(
    'squeezeNet1_1',
    { filters: 64, kernelSize: 3, smallest: 17, modules: ['pool', 16, 16, 'pool', 32, 32, 'pool', 48, 48, 64, 64] },
    options,
  );
