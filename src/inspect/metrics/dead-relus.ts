import { any, cast, dispose, greater, keep, logicalNot, mean, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, layers as tfLayers } from '@tensorflow/tfjs-layers';
import type { TrainingBatch } from '../../data/batch-source.js';
import { tensorsOf } from '../../train/training-step.js';
import { walk } from '../profile/walk.js';

/** How many relus of a layer never fire. */
export interface DeadRelus {
  /** Inside of blocks: the path in a checkpoint. */
  readonly layer: string;
  /** Share of the units, one at each place of each channel, that are 0 for every picture of the batch, in [0, 1]. */
  readonly dead: number;
  /** Share of the channels that are 0 at every place of every picture: filters that have died. */
  readonly deadChannels: number;
  /** Share of all outputs that are above 0. */
  readonly active: number;
}

/** Layers that are a relu whatever their options say. */
const RELUS: readonly string[] = ['ReLU', 'CnnAddRelu'];
/** Activations that give 0 to whole half-lines, where no gradient comes through. */
const CUTTING: readonly unknown[] = ['relu', 'relu6'];

/**
 * Relus that are 0 for a whole batch, layer by layer; they get no gradient from it. The net runs as in tests, blocks part by part.
 * A layer that stands in several places has a row for each.
 * Source: CS231n notes, "Commonly used activation functions": the dying relu.
 *
 * @param batch some hundred pictures: of few, many units are 0 by chance
 * @returns     the layers that end in relu or relu6, in the order in which they run
 */
export async function deadRelus(model: LayersModel, batch: TrainingBatch): Promise<DeadRelus[]> {
  const found: { layer: string; shares: Tensor[] }[] = [];
  try {
    tidy(() => {
      const [x] = tensorsOf(batch);
      walk<Tensor>(model, [x!], (layer, inputs) => {
        const outputs = run(layer, inputs);
        if (endsInRelu(layer)) {
          for (const output of outputs) found.push({ layer: layer.name, shares: sharesOf(output).map((share) => keep(share)) });
        }
        return outputs;
      });
    });
    const rows: DeadRelus[] = [];
    for (const { layer, shares } of found) {
      const [dead, deadChannels, active] = await Promise.all(shares.map(async (share) => (await share.data())[0]!));
      rows.push({ layer, dead: dead!, deadChannels: deadChannels!, active: active! });
    }
    return rows;
  } finally {
    dispose(found.map(({ shares }) => shares));
  }
}

function run(layer: tfLayers.Layer, inputs: Tensor[]): Tensor[] {
  return [layer.call(inputs.length === 1 ? inputs[0]! : inputs, { training: false })].flat();
}

function endsInRelu(layer: tfLayers.Layer): boolean {
  return RELUS.includes(layer.getClassName()) || CUTTING.includes(layer.getConfig()['activation']);
}

/** Of dead units, dead channels, and outputs above 0. */
function sharesOf(output: Tensor): Tensor[] {
  return tidy(() => {
    const active = greater(output, 0);
    const places = output.shape.map((_, axis) => axis).slice(0, -1);
    const without = (axes: number[]) => mean(cast(logicalNot(any(active, axes)), 'float32'));
    return [without([0]), without(places), mean(cast(active, 'float32'))];
  });
}
