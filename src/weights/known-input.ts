import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CIFAR10_CLASSES } from '../data/cifar.js';
import type { Normalization } from '../data/normalization.js';
import { modelInfo } from '../zoo/catalog.js';
import { resizeFor } from '../zoo/model-info.js';
import type { LoadReport } from './load-report.js';
import type { ModelInput } from './model-input.js';

/** What pictures must look like for weights that were recognised; undefined where that is not known. */
export function knownInput(model: LayersModel, { net, fresh }: Pick<LoadReport, 'net' | 'fresh'>): ModelInput | undefined {
  if (!net) return undefined;
  const [, height, width, channels] = model.inputs[0]!.shape;
  if (channels !== 1 && channels !== 3) return undefined;
  const [ownHeight, ownWidth] = modelInfo(net.net).inputShape;
  const cifar10 = net.net.startsWith('cifar') || net.net === 'mlPerfTinyResNet8';
  const size = { height: height ?? ownHeight, width: width ?? ownWidth };
  const resize = resizeFor(net, size.height, size.width);
  return {
    ...size,
    channels,
    ...(resize !== undefined && { resize }),
    classNames: cifar10 && net.classes === 10 && fresh.length === 0 ? CIFAR10_CLASSES : [],
    ...forChannels(net.pictures, channels),
  };
}

/** Of a net whose first layer was adapted: grey is scaled as the colours are on average, and all colours as grey is. */
function forChannels({ mean, std, order }: Normalization, channels: 1 | 3): Normalization {
  if (mean.length === channels) return { mean, std, ...(order && { order }) };
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const alike = (values: readonly number[]) => Array.from({ length: channels }, () => average(values));
  return { mean: alike(mean), std: alike(std) };
}
