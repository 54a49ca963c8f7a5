import { LayersModel, type LayerVariable, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { textTable } from '../inspect/text-table.js';
import { sizeOf } from '../layers/cnn-layer.js';

/** Numbers of a layer, of a block's all together. */
export interface TrainableCount {
  /** Parameters that training changes. */
  readonly trainable: number;
  /** Parameters that it would change if they were not frozen. */
  readonly frozen: number;
  /** Moving statistics of batch normalisation, which have no gradients. */
  readonly statistics: number;
}

/** A layer or block of a model, and what of it learns. */
export interface TrainableRow extends TrainableCount {
  /** Its own, behind those of the models around it. */
  readonly name: string;
  /** Its class. */
  readonly className: string;
}

/** What of a model learns. As a text it is a table of the layers that have weights. */
export interface TrainableReport extends TrainableCount {
  /** The layers and blocks that have weights, in order. */
  readonly layers: readonly TrainableRow[];
  /** The table. */
  toString(): string;
}

/**
 * Says what of a model learns and what is frozen, in numbers of parameters.
 *
 *     console.log(String(trainableReport(model)));
 */
export function trainableReport(model: LayersModel): TrainableReport {
  const learning = new Set(model.trainableWeights);
  const layers = weightedLayers(model).map(({ name, layer }): TrainableRow => {
    const className = layer.getClassName().replace(/^Cnn/, '');
    return { name, className, ...countOf(layer.weights, learning) };
  });
  const total = countOf(model.weights, learning);
  return { ...total, layers, toString: () => tableOf(layers, total) };
}

/** Of batch normalisation, ours and tfjs-layers'; tfjs makes names unique by a number. */
const STATISTICS = /(^|\/)moving_(mean|variance)(_\d+)?$/;

function weightedLayers(model: LayersModel, around = ''): { name: string; layer: tfLayers.Layer }[] {
  return model.layers.flatMap((layer) => {
    const name = around + layer.name;
    if (layer instanceof LayersModel) return weightedLayers(layer, `${name}/`);
    return layer.weights.length > 0 ? [{ name, layer }] : [];
  });
}

function countOf(weights: readonly LayerVariable[], learning: ReadonlySet<LayerVariable>): TrainableCount {
  const count = { trainable: 0, frozen: 0, statistics: 0 };
  for (const weight of weights) {
    const kind = learning.has(weight) ? 'trainable' : STATISTICS.test(weight.originalName) ? 'statistics' : 'frozen';
    count[kind] += sizeOf(weight.shape as number[]);
  }
  return count;
}

function tableOf(layers: readonly TrainableRow[], total: TrainableCount): string {
  const heads = ['trainable', 'frozen', 'statistics'] as const;
  const cells = (count: TrainableCount) => heads.map((head) => (count[head] ? count[head].toLocaleString('en-US') : '.'));
  const rows = layers.map((row) => [row.name, row.className, ...cells(row)]);
  return textTable([['layer', 'class', ...heads], ...rows, ['all', '', ...cells(total)]], heads).join('\n');
}
