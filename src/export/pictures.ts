/** What a net's pictures must look like, as exported scripts and files say it. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ModelInput, modelInput } from '../weights/model-input.js';
import { asNormalization } from '../weights/nets/recognise.js';
import { listModels } from '../zoo/catalog.js';
import { resizeFor } from '../zoo/model-info.js';

/** (pixel / 255 - mean) / std, channel by channel; the classes in the order of the outputs. */
export interface Pictures {
  readonly order: 'RGB' | 'BGR' | 'grey';
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Length that a picture's shorter side is scaled to before the middle is cut out; undefined: the net's size just fits in. */
  readonly resize: number | undefined;
  readonly classNames: readonly string[];
}

/** The part of a model's input that is known where it does not say itself. */
type Prepared = Pick<ModelInput, 'mean' | 'std' | 'order' | 'resize'>;

/** As the model says, else as the catalogue says of the net that it was built as, else from 0 to 1. */
export function picturesOf(model: LayersModel, channels: number): Pictures {
  const own = modelInput(model);
  const { mean, std, resize, order = 'RGB' } = own ?? published(model, channels) ?? upToOne(channels);
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(9)));
  return {
    order: channels === 1 ? 'grey' : order,
    mean: rounded(mean),
    std: rounded(std),
    resize,
    classNames: own?.classNames ?? [],
  };
}

function published(model: LayersModel, channels: number): Prepared | undefined {
  const { net, variant } = (model.getUserDefinedMetadata() ?? {}) as { net?: string; variant?: string };
  const info = listModels().find(({ name }) => name === net);
  const preprocessing = info?.variants.find((each) => each.variant === variant)?.preprocessing;
  if (preprocessing?.mean.length !== channels) return undefined;
  const [, height, width] = model.inputs[0]!.shape;
  return { ...asNormalization(preprocessing), ...(height && width && { resize: resizeFor(preprocessing, height, width) }) };
}

function upToOne(channels: number): Prepared {
  return { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
}
