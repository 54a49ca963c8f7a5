/** What a net's pictures must look like, as exported scripts and files say it. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Normalization } from '../data/normalization.js';
import { modelInput } from '../weights/model-input.js';
import { asNormalization } from '../weights/nets/recognise.js';
import { listModels } from '../zoo/catalog.js';

/** (pixel / 255 - mean) / std, channel by channel; the classes in the order of the outputs. */
export interface Pictures {
  readonly order: 'RGB' | 'BGR' | 'grey';
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly classNames: readonly string[];
}

/** As the model says, else as the catalogue says of the net that it was built as, else from 0 to 1. */
export function picturesOf(model: LayersModel, channels: number): Pictures {
  const own = modelInput(model);
  const { mean, std, order = 'RGB' } = own ?? published(model, channels) ?? upToOne(channels);
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(9)));
  return { order: channels === 1 ? 'grey' : order, mean: rounded(mean), std: rounded(std), classNames: own?.classNames ?? [] };
}

function published(model: LayersModel, channels: number): Normalization | undefined {
  const { net, variant } = (model.getUserDefinedMetadata() ?? {}) as { net?: string; variant?: string };
  const info = listModels().find(({ name }) => name === net);
  const preprocessing = info?.variants.find((each) => each.variant === variant)?.preprocessing;
  return preprocessing?.mean.length === channels ? asNormalization(preprocessing) : undefined;
}

function upToOne(channels: number): Normalization {
  return { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
}
