import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Normalization } from '../data/normalization.js';

/** What a model must be given: pictures of that size and normalisation; and what its outputs mean. Saved with the model. */
export interface ModelInput extends Normalization {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Length in pixels that a picture's shorter side is scaled to, before height x width are cut out of its middle; default: they just fit in. */
  readonly resize?: number | undefined;
  /** In the order of the outputs. */
  readonly classNames: readonly string[];
}

/** Key of it in the model's metadata. */
const METADATA = 'tfjs-cnn';

/** What the model's pictures must look like; undefined where it was not said. */
export function modelInput(model: LayersModel): ModelInput | undefined {
  return (model.getUserDefinedMetadata() as Record<string, unknown> | undefined)?.[METADATA] as ModelInput | undefined;
}

/** Says so, in what is saved with the model. */
export function setModelInput(model: LayersModel, input: ModelInput): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), [METADATA]: { ...input } });
}
